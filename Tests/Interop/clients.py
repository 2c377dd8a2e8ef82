#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The stock OpenStack clients, unmodified, against cinderblockd: exit status, output and effect of every command.

    VENV/bin/python clients.py --daemon .build/release/cinderblockd [--only NAME ...] [--keep]

VENV holds what clients-requirements.txt lists. Each scenario has a daemon of its own, and as many run at a time as
there are processors. Prints a line per check and, as the last line, "N passed, M failed".
"""
import argparse
import io
import os
import sys
from concurrent.futures import ThreadPoolExecutor

from checks import Checks
from client_access import OpenAccess, TokenAccess
from client_backups import CinderChanges, CinderCreates, OpenStackChanges, OpenStackCreates
from client_lists import Lists
from client_own_rules import OwnRules
from client_records import Records
from client_restores import Restores
from client_rules import Rules
from client_sdk import SDK
from client_volumes import CinderVolumes, OpenStackVolumes
from daemon import KIB, Daemon
from scratch import scratch_directory

SCENARIOS = (Rules, OwnRules, Lists, TokenAccess, OpenAccess, CinderCreates, OpenStackCreates, CinderChanges,
             OpenStackChanges, Restores, Records, CinderVolumes, OpenStackVolumes, SDK)


def play(scenario, options, directory):
    """Runs one scenario against a daemon of its own. Returns the checks, which have kept what they print."""
    checks, daemon = Checks(io.StringIO()), None

    def run():
        nonlocal daemon
        home = os.path.join(directory, scenario.__name__)
        os.mkdir(home)
        daemon = Daemon(options.daemon, home, chunk=512 * KIB, auth=scenario.auth)
        scenario(os.path.dirname(sys.executable), daemon, checks).run()

    checks.scenario(scenario.__name__, run)
    if daemon:
        if checks.failed:
            print(daemon.last_log_lines(), file=checks.out)
        checks.equal("the daemon ends with status 0 on SIGTERM", 0, daemon.stop())
    return checks


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--daemon", required=True, help="the cinderblockd to test")
    parser.add_argument("--only", nargs="+", metavar="NAME", choices=[one.__name__ for one in SCENARIOS],
                        help="these scenarios; all unless given")
    parser.add_argument("--keep", action="store_true", help="leave the temporary directory")
    options = parser.parse_args()
    chosen = [one for one in SCENARIOS if not options.only or one.__name__ in options.only]

    total = Checks()
    with scratch_directory("clients", options.keep) as directory:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for checks in pool.map(lambda one: play(one, options, directory), chosen):
                print(checks.out.getvalue(), end="", flush=True)
                total.add(checks)
    print(total.summary())
    return total.exit_status


if __name__ == "__main__":
    sys.exit(main())
