// SPDX-License-Identifier: Apache-2.0
import CPosix

/// The parts that malloc divides its memory into (mallopt(3), M_ARENA_MAX).
package enum MallocArenas {
    /// Without a limit nearly every thread gets one of its own, and keeps in it what the others could use. To be called
    /// before there are threads. It only saves memory, so it may fail.
    package static func limit(to count: Int32) { _ = cposix_limit_arenas(count) }
}
