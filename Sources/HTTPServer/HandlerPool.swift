// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Synchronization

/// Runs handlers, a bounded number at a time; the others wait in the order they came, without a thread.
///
/// Each lane is a serial queue rather than a slot of a concurrent one: Dispatch gives a serial queue a thread even when
/// as many threads as there are cores are busy compressing, so a status query is answered during a backup. An empty
/// lane has no thread.
final class HandlerPool: Sendable {
    private struct State {
        var freeLanes: [Int]
        // Bounded by the number of connections: each has at most one request here.
        var waiting: [@Sendable () -> Void] = []
    }

    private let lanes: [DispatchQueue]
    private let state: Mutex<State>

    init(laneCount: Int) {
        precondition(laneCount > 0)
        self.lanes = (0..<laneCount).map { DispatchQueue(label: "HTTPServer.handler.\($0)") }
        self.state = Mutex(State(freeLanes: Array(0..<laneCount)))
    }

    func run(_ work: @escaping @Sendable () -> Void) {
        let lane = state.withLock { state in
            let lane = state.freeLanes.popLast()
            if lane == nil { state.waiting.append(work) }
            return lane
        }
        if let lane { start(work, in: lane) }
    }

    private func start(_ work: @escaping @Sendable () -> Void, in lane: Int) {
        lanes[lane].async {
            work()
            self.finish(lane)
        }
    }

    private func finish(_ lane: Int) {
        let next: (@Sendable () -> Void)? = state.withLock { state in
            if !state.waiting.isEmpty { return state.waiting.removeFirst() }
            state.freeLanes.append(lane)
            return nil
        }
        if let next { start(next, in: lane) }
    }
}
