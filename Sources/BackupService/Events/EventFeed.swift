// SPDX-License-Identifier: Apache-2.0
import BackupCatalog
import BackupModel
import Dispatch
import Synchronization

/// Tells those who watch what happens to backups and volumes, as it happens.
///
/// The catalog reports every change of a row (`record`), so no change of a status is missed, and all come in order. The
/// progress of running jobs is read off the board by a timer: a job does not know whether anybody watches. What watchers
/// cost is paid on a queue of the feed's own.
package final class EventFeed: Sendable {
    package struct Settings: Sendable {
        /// Status changes that are kept for clients that come back.
        package var historyLimit = 1024
        /// Between two looks at how far the jobs are: at most that often a backup's progress is told.
        package var progressInterval = Duration.milliseconds(400)
        /// The longest silence on a stream.
        package var commentInterval = Duration.seconds(15)

        package init() {}
    }

    struct State {
        var lastNumber: Int64 = 0
        var history: FeedHistory
        /// The backups that have a job, as they are in the catalog, without the users' metadata.
        var busy: [ResourceID: BackupRecord] = [:]
        var lastReports: [ResourceID: JSONValue] = [:]
        var watchers: [UInt64: Watcher] = [:]
        var lastWatcher: UInt64 = 0
        /// What has happened and has not been told yet.
        var untold: [FeedEvent] = []
    }

    let epoch = EventID.newEpoch()
    let board: ProgressBoard
    private let settings: Settings
    private let queue = DispatchQueue(label: "events")
    // The catalog waits for this lock: what is done under it is short, and calls nobody who waits.
    let state: Mutex<State>
    // Dispatch sources are thread-safe; Linux does not say so yet.
    nonisolated(unsafe) private let progressTimer: any DispatchSourceTimer
    nonisolated(unsafe) private let commentTimer: any DispatchSourceTimer

    package init(board: ProgressBoard, settings: Settings = Settings()) {
        self.board = board
        self.settings = settings
        state = Mutex(State(history: FeedHistory(limit: settings.historyLimit)))
        progressTimer = DispatchSource.makeTimerSource(queue: queue)
        commentTimer = DispatchSource.makeTimerSource(queue: queue)
        progressTimer.setEventHandler { [weak self] in self?.reportProgress() }
        commentTimer.setEventHandler { [weak self] in self?.breakSilence() }
        progressTimer.activate()
        commentTimer.activate()
    }

    deinit {
        progressTimer.cancel()
        commentTimer.cancel()
    }

    /// Takes in the backups that have a job already, before anything else.
    package func begin(with backups: [BackupRecord]) {
        state.withLock { state in
            for backup in backups { state.busy[backup.id] = backup.withoutMetadata }
        }
    }

    /// What a transaction has changed; to be called in the order of the transactions.
    package func record(_ changes: [CatalogChange]) {
        let hasNews = state.withLock { state in
            for change in changes { note(change, among: changes, in: &state) }
            return !state.untold.isEmpty
        }
        if hasNews { queue.async { self.tell() } }
    }
}

/// What becomes an event.
extension EventFeed {
    private func note(_ change: CatalogChange, among changes: [CatalogChange], in state: inout State) {
        switch change {
        case .backup(let backup, let before):
            state.busy[backup.id] = backup.status.hasJob ? backup.withoutMetadata : nil
            if before == backup.status { return }
            if let ending = JobEnding(of: backup, from: before, in: changes) {
                return noteEnd(ending, of: backup, in: &state)
            }
            add(.status, of: backup.id, FeedData.status(backup, board.report(on: backup)), to: &state)
        case .volume(let volume, let before):
            if before == volume.status { return }
            add(.volume, of: volume.id, FeedData.volume(volume, status: volume.status), to: &state)
        case .volumeRemoved(let volume):
            add(.volume, of: volume.id, FeedData.volume(volume, status: nil), to: &state)
        }
    }

    private func noteEnd(_ ending: JobEnding, of backup: BackupRecord, in state: inout State) {
        let report = board.finalReport(on: backup, succeeded: ending.succeeded)
        add(.progress, of: backup.id, FeedData.progress(backup, report), to: &state)
        add(.status, of: backup.id, FeedData.status(backup, report), to: &state)
        add(.end, of: backup.id, FeedData.end(backup, report, ending), to: &state)
        state.lastReports[backup.id] = nil
    }

    private func add(_ kind: FeedEvent.Kind, of subject: ResourceID, _ data: JSONValue, to state: inout State) {
        state.lastNumber += 1
        let event = FeedEvent(kind, of: subject, data, id: EventID(epoch: epoch, number: state.lastNumber))
        state.history.append(event)
        state.untold.append(event)
    }

    private func reportProgress() {
        state.withLock { state in
            // What waits for its turn does not get further, and may be thousands.
            for id in board.runningJobs {
                guard let backup = state.busy[id] else { continue }
                let report = board.report(on: backup)
                guard state.lastReports[id] != report.json else { continue }
                state.lastReports[id] = report.json
                add(.progress, of: id, FeedData.progress(backup, report), to: &state)
            }
        }
        tell()
    }
}

/// Telling: on the feed's queue only, so that everybody hears everything in its order.
extension EventFeed {
    private func tell() {
        let (events, watchers) = state.withLock { state in
            defer { state.untold = [] }
            return (state.untold, state.watchers)
        }
        for event in events {
            for (number, watcher) in watchers where watcher.wants(event) {
                if watcher.tell(event) == .over { remove(number) }
            }
        }
    }

    private func breakSilence() {
        for watcher in state.withLock({ $0.watchers.values.map { $0 } }) { watcher.comment() }
    }

    /// `make` is called with the state as it is now, and may make a watcher of what happens after that, and the means to
    /// remove it again.
    func admit<Result: Sendable>(
        _ make: (borrowing State, _ remove: @escaping @Sendable () -> Void) -> (Watcher?, Result)
    ) -> Result {
        state.withLock { state in
            let number = state.lastWatcher + 1
            // The HTTP server waits for the removal; it is short enough.
            let (watcher, result) = make(state) { [weak self] in self?.remove(number) }
            guard let watcher else { return result }
            state.lastWatcher = number
            state.watchers[number] = watcher
            if state.watchers.count == 1 { setTimers(running: true) }
            return result
        }
    }

    private func remove(_ number: UInt64) {
        state.withLock { state in
            guard state.watchers.removeValue(forKey: number) != nil else { return }
            if state.watchers.isEmpty { setTimers(running: false) }
        }
    }

    /// Where nobody watches, nothing wakes the processor.
    private func setTimers(running: Bool) {
        for (timer, interval) in [
            (progressTimer, settings.progressInterval), (commentTimer, settings.commentInterval),
        ] {
            let seconds = interval / .seconds(1)
            timer.schedule(
                deadline: running ? .now() + seconds : .distantFuture,
                repeating: running ? .nanoseconds(Int(seconds * 1e9)) : .never)
        }
    }
}
