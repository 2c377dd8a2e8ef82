// SPDX-License-Identifier: Apache-2.0
import CPosix

/// How long a thread may compute before it is another one's turn (sched_setattr(2), `sched_runtime` of an ordinary thread).
package enum TimeSlice {
    /// Gives the calling thread a slice of 0.1 ms, the shortest there is. A thread that mostly waits for the disk is then
    /// given a processor as soon as the disk is done with, in place of one that computes and has a longer slice.
    ///
    /// Linux 6.12 or newer; elsewhere nothing changes.
    package static func shorten() { _ = cposix_set_slice(100_000) }
}
