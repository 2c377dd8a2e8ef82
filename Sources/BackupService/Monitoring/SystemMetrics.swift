// SPDX-License-Identifier: Apache-2.0
import Posix

extension FileSystemSpace {
    var families: [MetricFamily] {
        var family = MetricFamily(
            .gauge, "cinderblock_repository_bytes",
            "The file system that holds the repository: what is used, by whomever, and what the daemon may still take.")
        family.add([.init("kind", "used")], used)
        family.add([.init("kind", "free")], free)
        return [family]
    }
}

extension ProcessUsage {
    /// The names that all of Prometheus' client libraries use.
    var families: [MetricFamily] {
        var cpu = MetricFamily(.counter, "process_cpu_seconds_total", "User and system CPU time of the daemon.")
        cpu.add([], cpuSeconds)
        return [
            cpu,
            MetricFamily(.gauge, "process_resident_memory_bytes", "Memory that is resident.", value: residentBytes),
            MetricFamily(.gauge, "process_virtual_memory_bytes", "Virtual memory.", value: virtualBytes),
            MetricFamily(.gauge, "process_open_fds", "Open file descriptors.", value: openFiles),
            MetricFamily(.gauge, "process_max_fds", "File descriptors that may be open.", value: openFilesLimit),
        ]
    }
}
