// SPDX-License-Identifier: Apache-2.0
import Dispatch
import SystemPackage

/// Calls a handler on a queue whenever a descriptor can be read or written, unless it is paused.
///
/// Dispatch traps when a source is resumed twice, or is released while suspended; so this remembers which it is. Used
/// on its queue only.
final class EventSource {
    private let source: any DispatchSourceProtocol
    private var isPaused = false

    init(reading descriptor: FileDescriptor, on queue: DispatchQueue, handler: @escaping () -> Void) {
        self.source = DispatchSource.makeReadSource(fileDescriptor: descriptor.rawValue, queue: queue)
        source.setEventHandler(handler: handler)
        source.activate()
    }

    init(writing descriptor: FileDescriptor, on queue: DispatchQueue, handler: @escaping () -> Void) {
        self.source = DispatchSource.makeWriteSource(fileDescriptor: descriptor.rawValue, queue: queue)
        source.setEventHandler(handler: handler)
        source.activate()
    }

    func pause() {
        if !isPaused { source.suspend() }
        isPaused = true
    }

    func resume() {
        if isPaused { source.resume() }
        isPaused = false
    }

    /// Ends the events; `completion` may close the descriptor, and nothing before it may.
    func cancel(completion: @escaping () -> Void) {
        source.setCancelHandler(handler: completion)
        source.cancel()
        resume()
    }
}
