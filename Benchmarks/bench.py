#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measure cinderblockd beside other tools: full, unchanged, incremental, restore. See docs/performance.md.

All tools in turn in each round, the same image at the same path, cold cache (as root), the final sync included.
"""
import argparse
import json
import os
import platform
import statistics
import subprocess
import sys

from bound import Bound
from dataset import DataSet
from measure import cold, disk_usage
from tools import PEERS, Cinder, Cinderblock, is_installed

OURS = ("cinderblock-zlib", "cinderblock-zstd", "cinderblock-none")
STEPS = ("full", "restore", "unchanged", "incremental", "restore both")
RATIOS = ("full", "restore", "incremental", "restore both")
MIB = 1 << 20


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = lambda text: [name for name in text.split(",") if name]
    p.add_argument("--size", type=float, default=4, help="of the image, in GiB (4)")
    p.add_argument("--rounds", type=int, default=3)
    p.add_argument("--daemon", default=".build/release/cinderblockd")
    p.add_argument("--only", type=names, default=["zlib", "zstd", "none"], help="of ours: zlib,zstd,none (all)")
    p.add_argument("--peers", type=names, default=list(PEERS), help="those that are installed of: " + ",".join(PEERS))
    p.add_argument("--cinder-python", help="the Python of an environment with Cinder")
    p.add_argument("--dir", default=".build/bench", help="scratch, with room for four times the size (.build/bench)")
    p.add_argument("--json", help="write all numbers there")
    args = p.parse_args()
    unknown = set(args.peers) - set(PEERS) | set(args.only) - {"zlib", "zstd", "none"}
    if unknown:
        p.error("unknown: " + ", ".join(sorted(unknown)))
    return args


def spread(directory):
    """Gives each tool and round a part of the disk of its own, on ext4: for minutes it hands out no inode of a deleted
    file, and looks at all that there are for each new file, so that one tool would pay for the end of another."""
    subprocess.run(["chattr", "+T", directory], stderr=subprocess.DEVNULL, check=False)


def measure(name, data, directory, verify):
    """One round of one tool, in a directory that it makes: {step: result}."""
    data.revert()
    tool = PEERS.get(name, Cinderblock)(name, data.image, directory)
    results = {}

    def step(step_name):
        cold()
        results[step_name] = getattr(tool, step_name)()

    def restore(step_name):
        cold()
        results[step_name] = tool.restore()
        if verify:
            subprocess.run(["cmp", data.image, tool.target], check=True)
        os.unlink(tool.target)

    try:
        step("full")
        results["full"]["repository"] = disk_usage(tool.repository)
        if tool.restores:
            restore("restore")
        if name in OURS:
            step("unchanged")
        if tool.makes_increments:
            before = disk_usage(tool.repository)
            data.change()
            step("incremental")
            results["incremental"]["repository"] = disk_usage(tool.repository) - before
            restore("restore both")
    finally:
        tool.close()
    return results


def medians(rounds):
    """{tool: {step: {quantity: median}}}"""
    return {name: {step: {key: statistics.median(r[step][key] for r in results) for key in results[0][step]}
                   for step in results[0]}
            for name, results in rounds.items()}


def kind_of(name):
    return name.partition("-")[2]


def table(head, rows):
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
    for row in [head, ["-" * width for width in widths], *rows]:
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |")
    print()


def print_results(results, bound):
    seconds = lambda value: "%.2f" % value
    mib = lambda value: "%.0f" % (value / MIB)
    rows = []
    for name, steps in results.items():
        rows.append([name, *(seconds(steps[step]["wall"]) if step in steps else "–" for step in STEPS),
                     " / ".join("%.1f" % step["cpu"] for step in steps.values()),
                     mib(max(step["rss"] for step in steps.values())),
                     mib(steps["full"]["written"]), mib(steps["full"]["repository"]),
                     mib(steps["incremental"]["repository"]) if "incremental" in steps else "–"])
    for name, steps in bound.seconds.items():
        columns = ("full", "restore", "hash", "incremental", "restore both")
        rows.append(["bound-" + name, *(seconds(steps[step]) if step in steps else "" for step in columns),
                     "", "", "", "", ""])
    print("Medians: wall seconds; CPU seconds of these steps; MiB\n")
    table(["", *STEPS, "CPU s", "peak RSS", "written by full", "repository", "growth"], rows)


def print_ratios(results, bound):
    """How many times longer the others take than ours."""
    columns = [(name, step) for name in OURS if name in results for step in RATIOS]
    rows = []
    for other in [name for name in results if name not in OURS]:
        rows.append([other, *("%.2f" % (results[other][step]["wall"] / results[name][step]["wall"])
                              if step in results[other] else "–" for name, step in columns)])
    rows.append(["bound", *("%.2f" % (bound.seconds[kind_of(name)][step] / results[name][step]["wall"])
                            if step in bound.seconds[kind_of(name)] else "–" for name, step in columns)])
    print("Ratios: wall time of each to ours (more than 1: we are faster)\n")
    table(["", *(kind_of(name) + " " + step for name, step in columns)], rows)


def checks(results, bound):
    """What the benchmark was made for: (what, value, comparison, limit)."""
    def wall(name, step):
        return results[name][step]["wall"] if step in results.get(name, {}) else None

    def ratio(a, b):
        return a / b if a is not None and b is not None else None

    def fastest(step):
        return min((wall(peer, step) for peer in ("restic", "borg", "benji") if peer in results), default=None)

    ours = [name for name in OURS if name in results]
    for kind, least in (("zlib", 15), ("zstd", 4)):
        yield "full %s, times Cinder's" % kind, ratio(
            wall("cinder-" + kind, "full"), wall("cinderblock-" + kind, "full")), ">=", least
        yield "full %s, of the bound" % kind, ratio(
            wall("cinderblock-" + kind, "full"), bound.seconds[kind]["full"]), "<=", 1.4
    yield "full zlib, times restic's, borg's, benji's", ratio(fastest("full"), wall("cinderblock-zlib", "full")), ">=", 1
    for kind in ("zlib", "zstd"):
        ours_now, cinders = "cinderblock-" + kind, "cinder-" + kind
        yield "incremental %s, times Cinder's" % kind, ratio(
            wall(cinders, "incremental"), wall(ours_now, "incremental")), ">=", 6
        yield "incremental %s, times the fastest of restic, borg, benji" % kind, ratio(
            fastest("incremental"), wall(ours_now, "incremental")), ">=", 3
        yield "incremental %s, of reading and hashing" % kind, ratio(
            wall(ours_now, "incremental"), bound.seconds[kind]["hash"]), "<=", 1.5
        if ours_now in results and cinders in results:
            yield "growth %s, of Cinder's" % kind, ratio(
                *(results[name]["incremental"]["repository"] for name in (ours_now, cinders))), "<=", 1.05
    for step in ("restore", "restore both"):
        yield "%s zlib, times Cinder's" % step, ratio(
            wall("cinder-zlib", step), wall("cinderblock-zlib", step)), ">=", 6
    yield "restore zlib, times qemu-img's", ratio(
        wall("qemu-img", "restore"), wall("cinderblock-zlib", "restore")), ">=", 1
    for name in ours:
        yield "objects of an unchanged incremental, " + name, results[name]["unchanged"]["objects"], "<=", 0
        yield "peak RSS in MiB, " + name, max(step["rss"] for step in results[name].values()) / MIB, "<=", 320


def print_checks(results, bound):
    for what, value, comparison, limit in checks(results, bound):
        if value is not None:
            good = value >= limit if comparison == ">=" else value <= limit
            print("%s  %-58s %8.2f   %s %g" % ("PASS" if good else "FAIL", what, value, comparison, limit))


def machine(directory):
    with open("/proc/meminfo", encoding="ascii") as f:
        memory = int(f.readline().split()[1]) // 1024
    kind = subprocess.run(
        ["findmnt", "-n", "-o", "FSTYPE", "-T", directory], capture_output=True, text=True, check=True)
    return {"cores": len(os.sched_getaffinity(0)), "memory_mib": memory, "kernel": platform.release().partition("-")[0],
            "file_system": kind.stdout.strip(), "load": os.getloadavg()}


def main():
    args = arguments()
    Cinderblock.daemon, Cinder.python = os.path.abspath(args.daemon), args.cinder_python
    directory = os.path.abspath(args.dir)
    data = DataSet(directory, int(args.size * 1024) * MIB)
    spread(directory)
    names = ["cinderblock-" + name for name in args.only]
    missing = [peer for peer in args.peers if not is_installed(peer)]
    names += [peer for peer in args.peers if peer not in missing]
    print("left out, because not there: %s" % ", ".join(missing) if missing else "all tools are there")
    if os.geteuid() != 0:
        print("not root: the cache stays warm")

    rounds = {name: [] for name in names}
    for number in range(args.rounds):
        for name in names:
            own = os.path.join(directory, "%s-%d" % (name, number + 1))
            rounds[name].append(measure(name, data, own, verify=number == 0))
            print("%d  %-17s %s   (load %.1f)" % (
                number + 1, name, "  ".join("%s %.2f" % (step, r["wall"]) for step, r in rounds[name][-1].items()),
                os.getloadavg()[0]), flush=True)
    data.revert()
    bound = Bound(data, os.path.join(directory, "bound"))

    about, results = machine(directory), medians(rounds)
    print("\n%(cores)d cores, %(memory_mib)d MiB, Linux %(kernel)s, %(file_system)s" % about)
    print("\n".join(bound.lines()) + "\n")
    for name in [name for name, packing in bound.algorithms.items() if not packing["is_known"]]:
        print("bound-%s is a bound without packing: its library is not there\n" % name)
    print_results(results, bound)
    print_ratios(results, bound)
    print_checks(results, bound)
    if args.json:
        with open(args.json, "w", encoding="utf-8") as f:
            json.dump({"machine": about, "size": data.size, "rounds": rounds, "medians": results,
                       "bound": bound.seconds, "packing": bound.algorithms}, f, indent=1)
    return 0


if __name__ == "__main__":
    sys.exit(main())
