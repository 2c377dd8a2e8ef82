#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the examples of docs/api.md with the real curl against a live daemon, in the order in which they stand.

    api_examples.py --daemon .build/release/cinderblockd [--page docs/api.md] [--keep]

How to write an example:

- An indented line that begins with "$ curl" is a command; it goes on over the next lines while a quote is open or the
  line ends in a backslash. What follows, up to the next command or the end of the indented lines, is its answer.
  Between two groups of indented lines the runner waits until no backup and no volume is busy; within one it does not.
- A group right after the line "<!-- not run: REASON -->" is skipped.
- With -i the answer begins with the status line, then some of the headers, then an empty line. Without it the status
  must be 200, or the "code" that an error shows. So an answer of 202 is shown with -i.
- JSON is compared member by member. "…" in an object or list stands for what is left out, as a value for anything,
  and in a string for any text; there may be no other members. Strings, booleans and nulls are equal; numbers are
  numbers and times are times, whatever they are. An answer that is no JSON has the lines that are shown, in that order.
- A UUID on the page stands for the one that the daemon gives in its place: where it first stands in an answer it gets
  its value, and later commands and answers have that. One that first stands in a command is sent as it is.
- What stands for something of the test's own: /run/cinderblock/api.sock, 127.0.0.1:8776, /dev/vg0/db (a sparse file of
  4 GiB), /srv/images (a directory with web.img), $API, $TOKEN, and record.json (the record of a backup in the
  repository that the daemon does not know).

Every request that a heading of the page names in backquotes (`POST /backups`) must have been run.
Prints a line per check and, as the last line, "N passed, M failed".
"""
import argparse
import json
import os
import re
import shlex
import shutil
import subprocess
import sys

from checks import Checks
from daemon import GIB, MIB, Daemon
from scratch import scratch_directory

HERE = os.path.dirname(os.path.abspath(__file__))
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z?")
DOTS = "…"


def groups(page):
    """The groups of indented lines that hold commands, each a list of (command, lines of the answer)."""
    lines, number, skip = page.splitlines() + [""], 0, False
    while number < len(lines):
        if not lines[number].startswith("    "):
            skip = lines[number].startswith("<!-- not run") or (skip and not lines[number].strip())
            number += 1
            continue
        group = []
        while lines[number].startswith("    ") or (
                not lines[number].strip() and number + 1 < len(lines) and lines[number + 1].startswith("    ")):
            group.append(lines[number][4:])
            number += 1
        if group[0].startswith("$ curl") and not skip:
            yield commands(group)
        skip = False


def commands(group):
    found = []
    while group:
        line = group.pop(0)
        if not line.startswith("$ "):
            found[-1][1].append(line)
            continue
        command = line[2:]
        while group and (command.endswith("\\") or is_open(command)):
            command += "\n" + group.pop(0)
        found.append((command, []))
    return found


def is_open(command):
    try:
        shlex.split(command)
        return False
    except ValueError:
        return True


def parsed(text):
    """JSON in which dots may stand where a value or a member would, or among the elements."""
    out, containers, previous = [], [], ""
    for token in re.findall(r'"(?:[^"\\]|\\.)*"|[^"\s]|\s+', text):
        if token == DOTS:
            token = f'"{DOTS}": "{DOTS}"' if containers and containers[-1] == "{" and previous != ":" else f'"{DOTS}"'
        elif token in "{[":
            containers.append(token)
        elif token in "}]":
            containers.pop()
        previous = previous if token.isspace() else token
        out.append(token)
    return json.loads("".join(out))


class Examples:
    def __init__(self, daemon, checks, directory):
        self.daemon, self.checks, self.directory = daemon, checks, directory
        self.ids, self.requests = {}, set()
        self.places = {"/run/cinderblock/api.sock": daemon.socket, "127.0.0.1:8776": f"127.0.0.1:{daemon.port}",
                       "/dev/vg0/db": os.path.join(daemon.images, "db"), "/srv/images": daemon.images}

    def run(self, page):
        for group in groups(page):
            self.settle()
            for command, answer in group:
                self.example(command, answer)
        headings = "\n".join(re.findall("^#.*", page, re.M))
        for method, path in sorted(set(re.findall(r"`([A-Z]+) (/\S*)`", headings))):
            pattern = re.compile(f"{method} (/v3|/v3/p)?{re.escape(path).replace('ID', UUID.pattern)}(\\?.*)?")
            self.checks.check(f"{method} {path} has an example", any(map(pattern.fullmatch, self.requests)))

    def settle(self):
        """Waits until no backup and no volume is busy."""
        busy = ("creating", "restoring", "deleting", "backing-up", "restoring-backup")

        def idle():
            found = [self.daemon.request("GET", f"/{kind}/detail")[kind] for kind in ("backups", "volumes")]
            return not any(one["status"] in busy for kind in found for one in kind)
        self.daemon.until("everything comes to an end", idle)

    def example(self, command, shown):
        name = command.split("\n")[0][:110]
        for identifier in UUID.findall(command):
            self.ids.setdefault(identifier, identifier)
        said, status, request = self.curl(self.filled_in(command))
        self.requests.add(request)
        shown = "\n".join(shown).strip()
        if shown.startswith("HTTP/"):
            head, _, shown = shown.partition("\n\n")
            actual_head, _, said = said.replace("\r\n", "\n").partition("\n\n")
            expected = int(head.split()[1])
            self.headers(name, head.splitlines()[1:], actual_head.splitlines()[1:])
        else:
            code = re.search(r'"code": (\d+)', shown) if "rror" in shown or '"message"' in shown else None
            expected = int(code[1]) if code else 200
        self.checks.equal(f"{name}: status", expected, status)
        try:
            difference = self.body(shown, said)
        except ValueError as error:
            difference = f"{error} in {said[:300]!r}"
        self.checks.check(f"{name}: answer", difference is None, difference)

    def filled_in(self, text):
        for shown, actual in {**self.places, **self.ids}.items():
            text = text.replace(shown, actual)
        return text

    def curl(self, command):
        """Runs the command, and returns what it said, the status, and the request as "GET /path"."""
        report = "%{stderr}%{http_code} %{method} %{url_effective}\\n"
        script = f"curl() {{ command curl -sS -w '{report}' \"$@\"; }}\n" + command
        environment = {**os.environ, "TOKEN": self.daemon.token, "LC_ALL": "C.UTF-8",
                       "API": f"--unix-socket {self.daemon.socket} http://localhost"}
        done = subprocess.run(["bash", "-c", script], cwd=self.directory, env=environment, text=True, timeout=60,
                              capture_output=True)
        told = re.search(r"^(\d{3}) (\S+) https?://[^/]*(\S*)$", done.stderr, re.M)
        # A stream has no end: --max-time ends it with 28.
        if not told or done.returncode not in ((0, 28) if "--max-time" in command else (0,)):
            raise RuntimeError(f"{command}: {done.returncode} {done.stderr}")
        return done.stdout, int(told[1]), f"{told[2]} {told[3]}"

    def headers(self, name, shown, actual):
        for line in shown:
            same = any(self.matches(line, one) for one in actual if one.split(":")[0] == line.split(":")[0])
            self.checks.check(f"{name}: {line.split(':')[0]}", same, f"{line!r} is not in {actual}")

    def body(self, shown, said):
        """None, or what differs."""
        if shown.startswith(("{", "[")):
            return self.difference(parsed(shown), json.loads(said))
        rest = iter(said.splitlines())
        for line in shown.splitlines():
            if not any(self.matches(line, one) for one in rest):
                return f"no line {line!r} in {said[:2000]!r}"
        return f"it says {said!r}" if said.strip() and not shown else None

    def difference(self, shown, actual, path="answer"):
        if shown == DOTS:
            return None
        if isinstance(shown, dict) and isinstance(actual, dict):
            members = set(shown) - {DOTS}
            if members - set(actual) or (DOTS not in shown and set(actual) - members):
                return f"{path} has {sorted(actual)}, not {sorted(shown)}"
            pairs = [(shown[key], actual[key], f"{path}.{key}") for key in shown if key != DOTS]
        elif isinstance(shown, list) and isinstance(actual, list):
            elements = [one for one in shown if one != DOTS]
            if len(actual) < len(elements) or (DOTS not in shown and len(actual) > len(elements)):
                return f"{path} has {len(actual)} elements, not {len(elements)}"
            pairs = [(one, actual[index], f"{path}[{index}]") for index, one in enumerate(elements)]
        elif isinstance(shown, str) and isinstance(actual, str):
            return None if self.matches(shown, actual) else f"{path} is {actual!r}, not {shown!r}"
        else:
            numbers = all(isinstance(one, (int, float)) and not isinstance(one, bool) for one in (shown, actual))
            return None if numbers or shown is actual else f"{path} is {actual!r}, not {shown!r}"
        return next(filter(None, (self.difference(*pair) for pair in pairs)), None)

    def matches(self, shown, actual):
        """Whether a text is the one that is shown. UUIDs that have no value yet get theirs."""
        pattern, unknown, end = "", [], 0
        shown = self.filled_in(shown)
        known = set(self.ids.values())
        for found in re.finditer(f"{UUID.pattern}|{TIME.pattern}|{DOTS}", shown):
            pattern += re.escape(shown[end:found.start()])
            end = found.end()
            if found[0] == DOTS:
                pattern += ".*"
            elif not UUID.fullmatch(found[0]):
                pattern += TIME.pattern.replace("(", "(?:")
            elif found[0] in known:
                pattern += found[0]
            else:
                unknown.append(found[0])
                pattern += f"({UUID.pattern})"
        values = re.fullmatch(pattern + re.escape(shown[end:]), actual, re.S)
        if values:
            self.ids.update(zip(unknown, values.groups()))
        return values is not None


def foreign_backup(binary, directory):
    """A repository with a backup that another daemon has made, and that backup's record. Returns the repository."""
    home = os.path.join(directory, "another")
    os.mkdir(home)
    daemon = Daemon(binary, home)
    try:
        image = os.path.join(daemon.images, "disk")
        with open(image, "wb") as f:
            f.write(os.urandom(MIB))
        record = daemon.request("GET", f"/backups/{daemon.backup(daemon.manage(image))['id']}/export_record")
    finally:
        daemon.stop()
    with open(os.path.join(directory, "record.json"), "w", encoding="utf-8") as f:
        json.dump(record, f)
    return daemon.repository


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--daemon", required=True, help="the cinderblockd to test")
    parser.add_argument("--page", default=os.path.join(HERE, "..", "..", "docs", "api.md"))
    parser.add_argument("--keep", action="store_true", help="leave the temporary directory")
    options = parser.parse_args()
    with open(options.page, encoding="utf-8") as f:
        page = f.read()

    checks, daemon = Checks(), None
    with scratch_directory("examples", options.keep) as directory:
        try:
            home = os.path.join(directory, "daemon")
            shutil.copytree(foreign_backup(options.daemon, directory), os.path.join(home, "backups"))
            daemon = Daemon(options.daemon, home, auth="token", chunk=16 * MIB)
            for name, size in (("db", 4 * GIB), ("web.img", MIB)):
                with open(os.path.join(daemon.images, name), "wb") as f:
                    f.write(os.urandom(MIB))
                    f.truncate(size)
            checks.scenario(os.path.basename(options.page), Examples(daemon, checks, directory).run, page)
            if checks.failed:
                print(daemon.last_log_lines())
        finally:
            if daemon:
                checks.equal("the daemon ends with status 0 on SIGTERM", 0, daemon.stop())
    print(checks.summary())
    return checks.exit_status


if __name__ == "__main__":
    sys.exit(main())
