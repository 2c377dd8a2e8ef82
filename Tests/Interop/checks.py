# SPDX-License-Identifier: Apache-2.0
"""Counting what was checked, a line each."""
import os
import sys
import time
import traceback

MIB = 2**20


class Checks:
    """Prints to `out`, so that what runs at the same time can be shown one after the other."""

    def __init__(self, out=sys.stdout):
        self.out = out
        self.passed = self.failed = 0

    def check(self, name, ok, detail=""):
        if ok:
            self.passed += 1
        else:
            self.failed += 1
        print(f"{'ok  ' if ok else 'FAIL'} {name}{'' if ok else f': {detail}'}", file=self.out, flush=True)

    def equal(self, name, expected, actual):
        self.check(name, expected == actual, f"{actual!r}, not {expected!r}")

    def same(self, name, expected, actual):
        difference = first_difference(expected, actual)
        self.check(name, difference is None, difference)

    def scenario(self, name, body, *args):
        """An error ends the scenario, counts as one failure, and lets the next one run."""
        started = time.monotonic()
        try:
            body(*args)
        except Exception as error:
            traceback.print_exc(file=self.out)
            self.check(name, False, f"{type(error).__name__}: {error}")
        print(f"     {name}: {time.monotonic() - started:.1f} s", file=self.out, flush=True)

    def add(self, others):
        self.passed += others.passed
        self.failed += others.failed

    def summary(self):
        """The last line of a run."""
        return f"{self.passed} passed, {self.failed} failed"

    @property
    def exit_status(self):
        return 0 if self.passed and not self.failed else 1


def first_difference(expected, actual):
    """None, or where two files part, in words."""
    sizes = os.path.getsize(expected), os.path.getsize(actual)
    if sizes[0] != sizes[1]:
        return f"{sizes[1]} bytes long, not {sizes[0]}"
    with open(expected, "rb") as a, open(actual, "rb") as b:
        offset = 0
        while True:
            left, right = a.read(MIB), b.read(MIB)
            if left != right:
                return f"differs at byte {offset + next(i for i in range(len(left)) if left[i] != right[i])}"
            if not left:
                return None
            offset += len(left)
