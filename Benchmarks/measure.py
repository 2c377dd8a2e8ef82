# SPDX-License-Identifier: Apache-2.0
"""How long something took, and what it cost: wall time, CPU time, memory, bytes written."""
import os
import subprocess
import threading
import time

TICK = os.sysconf("SC_CLK_TCK")


def cold():
    """Nothing of the image or a repository in memory, nothing left to be written."""
    os.sync()
    if os.geteuid() == 0:
        with open("/proc/sys/vm/drop_caches", "w", encoding="ascii") as f:
            f.write("3\n")


def sync(path):
    subprocess.run(["sync", "-f", path], check=True)


def disk_usage(directory):
    """What the files take on the disk, in bytes."""
    total = 0
    for folder, _, names in os.walk(directory):
        total += sum(os.lstat(os.path.join(folder, name)).st_blocks * 512 for name in names)
    return total


class ProcessTree:
    """CPU seconds, peak RSS and bytes written of a process and its children, as they were when last looked at."""

    def __init__(self, pid):
        self.pid = pid
        self.peaks, self.cpu, self.written = {}, {}, {}

    def members(self, pid):
        yield pid
        for task in os.listdir("/proc/%d/task" % pid):
            with open("/proc/%d/task/%s/children" % (pid, task), encoding="ascii") as f:
                for child in f.read().split():
                    yield from self.members(int(child))

    def look(self):
        try:
            for pid in self.members(self.pid):
                self.look_at(pid)
        except (FileNotFoundError, ProcessLookupError):
            pass

    def look_at(self, pid):
        with open("/proc/%d/stat" % pid, encoding="ascii") as f:
            fields = f.read().rpartition(")")[2].split()
        self.cpu[pid] = (int(fields[11]) + int(fields[12])) / TICK
        with open("/proc/%d/io" % pid, encoding="ascii") as f:
            self.written[pid] = int(dict(line.split(": ") for line in f)["write_bytes"])
        with open("/proc/%d/status" % pid, encoding="ascii") as f:
            for line in f:
                if line.startswith("VmHWM:"):
                    self.peaks[pid] = max(self.peaks.get(pid, 0), int(line.split()[1]) * 1024)

    def reset_peak(self):
        with open("/proc/%d/clear_refs" % self.pid, "w", encoding="ascii") as f:
            f.write("5\n")


class Meter:
    """Runs from its making to `stop()`, which returns what the process has needed since."""

    def __init__(self, pid, is_new=False):
        self.tree = ProcessTree(pid)
        if not is_new:
            self.tree.reset_peak()
            self.tree.look()
        self.cpu, self.written = sum(self.tree.cpu.values()), sum(self.tree.written.values())
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.poll)
        self.thread.start()
        self.began = time.monotonic()

    def poll(self):
        while not self.over.wait(0.02):
            self.tree.look()

    def stop(self):
        wall = time.monotonic() - self.began
        self.over.set()
        self.thread.join()
        self.tree.look()
        return {"wall": wall, "cpu": sum(self.tree.cpu.values()) - self.cpu, "rss": sum(self.tree.peaks.values()),
                "written": sum(self.tree.written.values()) - self.written}


def run(*command, cwd=None, env=None, sync_path=None):
    """One command, measured, with the final sync of what it wrote."""
    with subprocess.Popen(command, cwd=cwd, env={**os.environ, **(env or {})}, text=True, errors="replace",
                          stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        meter = Meter(process.pid, is_new=True)
        error = process.stderr.read()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # ended, and its numbers can still be read
        if sync_path:
            sync(sync_path)
        result = meter.stop()
    if process.returncode != 0:
        raise RuntimeError("%s: %s" % (" ".join(command), error))
    return result
