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

extension RepositoryAccess {
    /// The state is that of the last look: no metric waits for a disk.
    var families: [MetricFamily] {
        [
            MetricFamily(
                .gauge, "cinderblock_repository_ready",
                "1 when the repository is the one that the catalog belongs to and takes backups, else 0.",
                value: lastState == .ready ? 1 : 0),
            MetricFamily(
                .gauge, "cinderblock_catalog_rolled_back",
                "1 while the catalog has come back from an earlier state and nobody has accepted that, else 0.",
                value: isRolledBack ? 1 : 0),
        ]
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
