#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""cinderblockd and the real Cinder 29 on one repository, in both directions.

    interop.py --daemon .build/release/cinderblockd --python VENV/bin/python [--long] [--seed N] [--keep]

VENV holds what requirements.txt lists; this script itself needs only Python's
standard library. Prints a line per check and, as the last line, "N passed, M failed".
"""
import argparse
import base64
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile

from checks import Checks
from daemon import BLOCK, MIB, Daemon, Failure
from schemas import REQUESTS, differs_on_purpose
from scratch import scratch_directory

HERE = os.path.dirname(os.path.abspath(__file__))
POSIX_CHUNK = 1999994880  # Cinder's default for its POSIX driver: a small volume is one object
ALGORITHMS = ("none", "zlib", "bz2", "zstd")


class Cinder:
    """The real driver, in a process of its own that serves one command after the other."""

    def __init__(self, python, repository):
        self.repository = repository
        self.process = subprocess.Popen(
            [python, os.path.join(HERE, "cinder_oracle.py"), "serve"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __call__(self, command, **options):
        arguments = [command, "--repo", self.repository]
        for name, value in options.items():
            if value is not None and value is not False:
                arguments.append("--" + name.replace("_", "-"))
                arguments += [] if value is True else [str(value)]
        self.process.stdin.write(json.dumps(arguments) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise Failure(f"Cinder ended in the middle of {command}")
        answer = json.loads(line)
        if "error" in answer:
            raise Failure(f"Cinder, {command}: {answer['error']}: {answer['message']}")
        return answer

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Image:
    """A volume's file that changes from backup to backup, and a copy of it at each."""

    def __init__(self, path, size, numbers):
        self.path, self.numbers, self.states = path, numbers, []
        with open(path, "wb") as f:
            self.fill(f, size)

    def fill(self, f, size):
        """Runs of zeros, noise and text; some are whole blocks and end on their borders, some are not."""
        while size > 0:
            run = min(size, self.numbers.choice((BLOCK, 8 * BLOCK, MIB, self.numbers.randrange(1, 2 * MIB))))
            f.write(self.numbers.choice((bytes, self.numbers.randbytes, self.text))(run))
            size -= run

    def text(self, length):
        line = b"%d: the quick brown fox jumps over the lazy dog\n" % self.numbers.randrange(10**9)
        return (line * (length // len(line) + 1))[:length]

    def keep(self):
        self.states.append(f"{self.path}.{len(self.states)}")
        shutil.copyfile(self.path, self.states[-1])
        return self.states[-1]

    def change(self):
        size = os.path.getsize(self.path)
        with open(self.path, "r+b") as f:
            for length in (1, 1, BLOCK, MIB, 3 * BLOCK + 5, 2 * MIB):
                length = min(length, size)
                f.seek(self.numbers.randrange(size - length + 1))
                f.write(self.numbers.choice((self.numbers.randbytes, self.text))(length))
            f.seek(size - 1)
            f.write(b"!")  # the last, short block

    def grow(self):
        self.change()
        with open(self.path, "ab") as f:
            self.fill(f, 3 * MIB + 777)

    def zero(self):
        size = os.path.getsize(self.path)
        with open(self.path, "r+b") as f:
            for length in (BLOCK, 100, 3 * MIB):
                f.seek(self.numbers.randrange(size - length))
                f.write(bytes(length))


def dirty(path, size):
    """A file full of 0xff: what a restore does not write shows."""
    with open(path, "wb") as f:
        while size > 0:
            size -= f.write(b"\xff" * min(size, MIB))
    return path


class Interop:
    def __init__(self, options, checks, directory, seed):
        self.options, self.checks, self.directory = options, checks, directory
        self.numbers = random.Random(seed)

    def run(self, algorithm, body, **daemon_options):
        daemon = cinder = None
        directory = tempfile.mkdtemp(prefix=f"{algorithm}-", dir=self.directory)
        try:
            deadline = 1800 if self.options.long else 120
            daemon = Daemon(self.options.daemon, directory, algorithm, deadline=deadline, **daemon_options)
            cinder = Cinder(self.options.python, daemon.repository)
            body(algorithm, daemon, cinder)
        except Exception:
            if daemon:
                sys.stderr.write(daemon.last_log_lines())
            raise
        finally:
            if cinder:
                cinder.close()
            if daemon:
                status = daemon.stop()
                self.checks.check(f"{algorithm}: the daemon ends with status 0 on SIGTERM", status == 0, status)
            if not self.options.keep:
                shutil.rmtree(directory, ignore_errors=True)

    def both_restore(self, what, daemon, cinder, backup, expected):
        """Cinder and we, each onto a target full of 0xff and onto a new one."""
        size = os.path.getsize(expected)
        target = os.path.join(daemon.directory, "cinder-target")
        dirty(target, size)
        cinder("restore", backup_id=backup, out=target, keep=True)
        self.checks.same(f"{what}: Cinder restores it over 0xff", expected, target)
        os.remove(target)
        with open(target, "wb") as f:
            f.truncate(size)
        cinder("restore", backup_id=backup, out=target, keep=True, new_volume=True)
        self.checks.same(f"{what}: Cinder restores it to a new volume", expected, target)
        os.remove(target)

        volume = daemon.manage(dirty(os.path.join(daemon.images, f"target-{backup}"), size))
        self.checks.same(f"{what}: we restore it over 0xff", expected, daemon.restore(backup, volume))
        restored = daemon.restore(backup)
        self.checks.same(f"{what}: we restore it to a new volume", expected, restored)

    def chain_of_ours(self, algorithm, daemon, cinder):
        """Our full and three incrementals; then an incremental of Cinder's on top."""
        size = (300 * MIB if self.options.long else 12 * MIB) + 12345
        image = Image(os.path.join(daemon.images, "volume"), size, self.numbers)
        volume = daemon.manage(image.path)
        daemon.request("GET", "/healthz", over_unix=True)
        self.checks.check(f"{algorithm}: the API answers on the Unix socket", True)

        steps = (("full", None), ("changed", image.change), ("grown", image.grow), ("zeroed", image.zero))
        backups = []
        for step, change in steps:
            if change:
                change()
            expected = image.keep()
            backup = daemon.backup(volume, incremental=change is not None)
            parent = backups[-1][1] if backups else None
            self.checks.check(f"{algorithm}, {step}: the parent is the backup before it",
                              backup["parent_id"] == parent, backup["parent_id"])
            record = cinder("import-record", url=daemon.export_url(backup["id"]))["backup"]
            backups.append((step, backup["id"], expected))
            if step == "full":
                self.check_objects(algorithm, daemon, record)
        for step, backup, expected in backups:
            self.both_restore(f"{algorithm}, {step}", daemon, cinder, backup, expected)

        image.change()
        expected = image.keep()
        theirs = cinder("backup", volume_id=volume, volume_file=image.path, parent=backups[-1][1],
                        chunk_size=MIB, sha_block_size=BLOCK, compression=algorithm)["backup"]
        daemon.import_record(cinder("export-record", backup_id=theirs["id"]))
        self.both_restore(f"{algorithm}, Cinder's on ours", daemon, cinder, theirs["id"], expected)

        self.deletes(f"{algorithm}, we delete Cinder's", daemon, theirs, lambda: daemon.delete(theirs["id"]))
        self.deletes(f"{algorithm}, Cinder deletes ours", daemon, record, lambda: cinder("delete", backup_id=record["id"]))
        _, last, expected = backups[-2]
        self.checks.same(f"{algorithm}: what is left restores", expected, daemon.restore(last))

    def check_objects(self, algorithm, daemon, record):
        prefix = os.path.join(daemon.repository, record["container"], record["service_metadata"])
        with open(prefix + "_metadata", encoding="utf-8") as f:
            objects = json.load(f)["objects"]
        used = {fields["compression"] for entry in objects for fields in entry.values()}
        # Whatever the algorithm, a long run of zeros may be bz2, which packs it smallest.
        zeros = set() if algorithm == "none" else {"bz2"}
        self.checks.check(f"{algorithm}: objects say \"{algorithm}\", or \"none\" where packing does not pay",
                          used <= {algorithm, "none"} | zeros and algorithm in used, used)
        self.checks.check(f"{algorithm}: object_count is the number of objects",
                          record["object_count"] == len(objects), record["object_count"])

    def deletes(self, what, daemon, record, delete):
        place = record["container"], record["service_metadata"]
        before = daemon.stored_files(*place)
        delete()
        left = daemon.stored_files(*place)
        self.checks.check(f"{what}: no object is left", before and not left, left or "there was none before")

    def chain_of_cinders(self, algorithm, daemon, cinder):
        """Cinder's full and incremental, imported child first; then ours on top, under the same volume id."""
        volume = "aaaaaaaa-0000-4000-8000-" + self.numbers.randbytes(6).hex()
        image = Image(os.path.join(daemon.images, "from-cinder"), 10 * MIB + 1, self.numbers)
        options = {"volume_id": volume, "volume_file": image.path, "name": "from Cinder",
                   "chunk_size": MIB, "sha_block_size": BLOCK, "compression": algorithm}
        states = [image.keep()]
        full = cinder("backup", **options)["backup"]["id"]
        daemon.import_record(cinder("export-record", backup_id=full))
        self.both_restore(f"{algorithm}, Cinder's full", daemon, cinder, full, states[0])

        daemon.manage(image.path, volume)
        image.change()
        states.append(image.keep())
        ours = daemon.backup(volume, incremental=True)
        self.checks.check(f"{algorithm}, ours on Cinder's: its parent is Cinder's full",
                          ours["parent_id"] == full, ours["parent_id"])
        cinder("import-record", url=daemon.export_url(ours["id"]))
        self.both_restore(f"{algorithm}, ours on Cinder's", daemon, cinder, ours["id"], states[1])

        other = "bbbbbbbb-0000-4000-8000-" + self.numbers.randbytes(6).hex()
        options["volume_id"] = other
        parent = cinder("backup", **options)["backup"]["id"]
        image.change()
        expected = image.keep()
        child = cinder("backup", parent=parent, **options)["backup"]["id"]
        daemon.import_record(cinder("export-record", backup_id=child))
        daemon.import_record(cinder("export-record", backup_id=parent))
        self.checks.same(f"{algorithm}, Cinder's records imported child first: we restore the child",
                         expected, daemon.restore(child))

    def one_huge_object(self, algorithm, daemon, cinder):
        """Cinder's POSIX default: the whole volume is one object, larger than our memory."""
        size = (POSIX_CHUNK + 50 * MIB if self.options.long else 300 * MIB) + 4321
        path = os.path.join(daemon.images, "huge")
        with open(path, "wb") as f:
            piece = Image(path + ".piece", 50 * MIB, self.numbers).path
            with open(piece, "rb") as source:
                content = source.read()
            while f.tell() < size:
                f.write(content[:size - f.tell()])
                f.write(bytes(min(50 * MIB, size - f.tell())))
        theirs = cinder("backup", volume_id="cccccccc-0000-4000-8000-" + self.numbers.randbytes(6).hex(),
                        volume_file=path, compression=algorithm)["backup"]
        record = cinder("export-record", backup_id=theirs["id"])
        imported = daemon.import_record(record)
        objects = 2 if self.options.long else 1
        self.checks.check(f"{algorithm}, 2 GB objects: {objects} of them", imported["object_count"] == objects,
                          imported["object_count"])
        self.checks.same(f"{algorithm}, 2 GB objects: we restore them", path, daemon.restore(theirs["id"]))
        peak, limit = daemon.peak_bytes(), daemon.memory + 64 * MIB
        self.checks.check(f"{algorithm}, 2 GB objects: within {limit // MIB} MiB", peak <= limit, f"{peak // MIB} MiB")

    def refused_record(self, algorithm, daemon, cinder):
        """A record of a store that the daemon does not have."""
        url = base64.b64encode(json.dumps({"id": "x"}).encode()).decode()
        record = {"backup_service": "cinder.backup.drivers.ceph.CephBackupDriver", "backup_url": url}
        try:
            daemon.import_record(record)
            self.checks.check("a record of another store is refused", False, "it was accepted")
        except Failure as failure:
            self.checks.check("a record of another store is refused", " 400 " in str(failure), failure)

    def whole_record(self, algorithm, daemon, cinder):
        """What people wrote of a backup travels to Cinder, and from there to a daemon that knows nothing."""
        image = Image(os.path.join(daemon.images, "described"), 3 * MIB, self.numbers)
        body = {"volume_id": daemon.manage(image.path), "name": "Größe \"✓\"", "description": "two\nlines \\",
                "metadata": {"kéy": "välue", "empty": ""}, "container": "a b/ü"}
        identifier = daemon.request("POST", "/backups", {"backup": body})["backup"]["id"]
        ours = daemon.finished_backup(identifier)
        theirs = cinder("import-record", url=daemon.export_url(identifier))["backup"]
        names = {"display_name": "name", "display_description": "description", "metadata": "metadata",
                 "container": "container", "volume_id": "volume_id", "size": "size", "object_count": "object_count"}
        self.checks.equal("our record, as Cinder reads it", {name: ours[names[name]] for name in names},
                          {name: theirs[name] for name in names})

        directory = os.path.join(daemon.directory, "other")
        os.mkdir(directory)
        shutil.copytree(daemon.repository, os.path.join(directory, "backups"))
        other = Daemon(self.options.daemon, directory)
        try:
            back = other.import_record(cinder("export-record", backup_id=identifier))
            members = [*names.values(), "parent_id", "size_bytes"]
            self.checks.equal("our record, exported by Cinder and imported again",
                              {name: ours[name] for name in members}, {name: back[name] for name in members})
            for time in ("data_timestamp", "created_at"):  # Cinder's records have whole seconds
                self.checks.equal(f"its {time}", ours[time][:19], back[time])
            self.checks.same("our record, exported by Cinder: we restore it", image.path, other.restore(identifier))
        finally:
            other.stop()

    def schemas(self, algorithm, daemon, cinder):
        """Bodies of requests, accepted and refused as Cinder's schemas do."""
        for method, path, schema, bodies in REQUESTS:
            count, wrong = 0, []
            for body in bodies:
                if differs_on_purpose(path, body):
                    continue
                count += 1
                theirs = cinder("validate", schema=schema, body=json.dumps(body))
                ours = daemon.answer(method, path, body)
                if ours.status != (404 if theirs["accepted"] else 400):
                    wrong.append(f"{json.dumps(body)[:200]}: we {ours.status} {ours.data[:200]}, Cinder {theirs}")
            self.checks.check(f"{method} {path}: {count} bodies, as {schema} has it", not wrong, "\n     ".join(wrong))

    def all(self, huge):
        for algorithm in ALGORITHMS:
            self.checks.scenario(f"{algorithm}, our chain", self.run, algorithm, self.chain_of_ours)
            self.checks.scenario(f"{algorithm}, Cinder's chain", self.run, algorithm, self.chain_of_cinders)
        for algorithm in huge:
            self.checks.scenario(f"{algorithm}, one huge object", self.run, algorithm, self.one_huge_object)
        self.checks.scenario("a refused record", self.run, "zlib", self.refused_record)
        self.checks.scenario("a whole record", self.run, "zlib", self.whole_record)
        self.checks.scenario("schemas", self.run, "zlib", self.schemas)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--daemon", required=True, help="the cinderblockd to test")
    parser.add_argument("--python", required=True, help="a Python that has Cinder")
    parser.add_argument("--long", action="store_true", help="bigger volumes, 2 GB objects, three seeds")
    parser.add_argument("--seed", type=int, help="of the volumes' contents; random unless given")
    parser.add_argument("--keep", action="store_true", help="leave the temporary directory")
    options = parser.parse_args()

    checks = Checks()
    with scratch_directory("interop", options.keep) as directory:
        for turn in range(3 if options.long else 1):
            seed = options.seed if options.seed is not None else random.randrange(2**32)
            print(f"     seed {seed}", flush=True)
            huge = (ALGORITHMS if options.long else ("none", "zlib")) if turn == 0 else ()
            Interop(options, checks, directory, seed).all(huge)
    print(checks.summary())
    return checks.exit_status


if __name__ == "__main__":
    sys.exit(main())
