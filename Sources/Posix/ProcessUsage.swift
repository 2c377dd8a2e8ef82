// SPDX-License-Identifier: Apache-2.0
import Glibc

/// What this process takes of the machine.
package struct ProcessUsage: Sendable, Equatable {
    /// User and system time of all threads.
    package let cpuSeconds: Double
    package let residentBytes: Int64
    package let virtualBytes: Int64
    package let openFiles: Int
    package let openFilesLimit: Int64

    /// nil where /proc does not tell.
    package init?(proc: KernelTree = .proc) {
        let pageBytes = Int64(sysconf(Int32(_SC_PAGESIZE)))
        guard let pages = proc.text("self/statm")?.split(separator: " ").prefix(2).compactMap({ Int64($0) }),
            pages.count == 2
        else { return nil }
        var usage = rusage()
        var limit = rlimit()
        guard getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0,
            getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0
        else { return nil }
        cpuSeconds = Self.seconds(usage.ru_utime) + Self.seconds(usage.ru_stime)
        virtualBytes = pages[0] * pageBytes
        residentBytes = pages[1] * pageBytes
        // Less the one by which the directory itself is read.
        openFiles = max(0, proc.names(in: "self/fd").count - 1)
        openFilesLimit = Int64(clamping: limit.rlim_cur)
    }

    private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }

    /// When this process began, in seconds since 1970, by the clock as it is set now; nil where /proc does not tell.
    package static func startTime(proc: KernelTree = .proc) -> Double? {
        // proc(5): the name in parentheses may hold anything; what follows it has no parentheses. Field 22 is the start
        // in ticks since the machine's, sleep included.
        guard let text = proc.text("self/stat"), let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 19, let ticks = Double(fields[19]) else { return nil }
        return clock(CLOCK_REALTIME) - clock(CLOCK_BOOTTIME) + ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    private static func clock(_ id: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(id, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
