# SPDX-License-Identifier: Apache-2.0
"""The stock `cinder` and `openstack` commands, as they come from PyPI."""
import os
import shlex
import subprocess

TIMEOUT = 90


class Output:
    """What one command said, and whether it is what it should be."""

    def __init__(self, line, code, out, err, checks):
        self.line, self.code, self.out, self.err, self.checks = line, code, out, err, checks

    @property
    def rows(self):
        """The table on standard output: a dictionary from heading to cell for each row."""
        lines = [[cell.strip() for cell in line.strip().strip("|").split("|")]
                 for line in self.out.splitlines() if line.startswith("|")]
        return [dict(zip(lines[0], line)) for line in lines[1:]]

    @property
    def fields(self):
        """The same of a table that has two columns, a name and its value."""
        return {row.get("Property", row.get("Field")): row["Value"] for row in self.rows}

    @property
    def id(self):
        return self.fields["id"]

    def column(self, heading):
        return [row[heading] for row in self.rows]

    def shows(self, **fields):
        shown = self.fields
        self.checks.equal(f"{self.line}: shows {', '.join(fields)}", fields, {key: shown.get(key) for key in fields})
        return self

    def lists(self, heading, values):
        self.checks.equal(f"{self.line}: lists", values, self.column(heading))
        return self

    def says(self, text):
        said = self.out + self.err
        self.checks.check(f"{self.line}: says so", text in said, f"no {text!r} in {said!r}")
        return self

    def is_silent(self):
        self.checks.equal(f"{self.line}: says nothing", "", self.out.strip())
        return self


class Programs:
    """Both commands, set up for one daemon: without Keystone, with the daemon's token if it has one."""

    def __init__(self, directory, daemon, checks, endpoint="/v3"):
        self.directory, self.checks = directory, checks
        self.endpoint = f"http://127.0.0.1:{daemon.port}{endpoint}"
        self.token = daemon.token
        # Nothing of the caller's: neither OS_ variables, nor a clouds.yaml, nor the width of a terminal.
        self.environment = {"PATH": os.environ["PATH"], "HOME": daemon.directory, "LC_ALL": "C.UTF-8",
                            "CLIFF_MAX_TERM_WIDTH": "0", "PYTHONWARNINGS": "ignore"}

    def cinder(self, *arguments, fails=None, options=(), user=None):
        """`fails` is what it must say when it must not succeed."""
        login = ["--os-auth-type", "noauth", "--os-endpoint", self.endpoint,
                 "--os-user-id", user or self.token or "u", "--os-project-id", "p"]
        return self.run("cinder", [*login, *options], arguments, {}, fails)

    def openstack(self, *arguments, fails=None, options=(), token=None):
        login = {"OS_AUTH_TYPE": "none", "OS_ENDPOINT": self.endpoint}
        if token or self.token:
            login = {"OS_AUTH_TYPE": "admin_token", "OS_TOKEN": token or self.token, "OS_ENDPOINT": self.endpoint}
        return self.run("openstack", options, arguments, login, fails)

    def run(self, program, options, arguments, environment, fails):
        line = shlex.join([program, *arguments])
        line = line if len(line) < 120 else line[:117] + "..."
        done = subprocess.run([os.path.join(self.directory, program), *options, *arguments], text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT,
                              env={**self.environment, **environment})
        output = Output(line, done.returncode, done.stdout, done.stderr, self.checks)
        expected = 0 if fails is None else 1
        self.checks.check(f"{line}: ends with {expected}", done.returncode == expected,
                          f"{done.returncode}: {done.stdout} {done.stderr}")
        if fails is not None:
            output.says(fails)
        return output
