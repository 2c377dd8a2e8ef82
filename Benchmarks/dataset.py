# SPDX-License-Identifier: Apache-2.0
"""The image that is backed up, and its second version.

Made once per size from a seed. Text and machine code come from the machine's own files, so two machines with the same
packages make the same image.
"""
import json
import os
import random

SEED = 3
FORMAT = 1  # of what lies in the directory; an older one is made again
BLOCK = 4096
SHARES = {"hole": 0.175, "zeros": 0.175, "files": 0.30, "noise": 0.20, "repeat": 0.15}
CHANGED = 0.02
PACKED = (".gz", ".xz", ".bz2", ".zst", ".br", ".png", ".jpg", ".jpeg", ".svgz", ".woff2", ".zip", ".whl", ".jar")


class MachineFiles:
    """The text and machine code under /usr, one file after the other, in an order that the seed gives."""

    def __init__(self, rng):
        self.paths = []
        for folder, folders, names in os.walk("/usr"):
            folders.sort()
            self.paths += (os.path.join(folder, name) for name in sorted(names) if not name.endswith(PACKED))
        rng.shuffle(self.paths)
        self.next, self.rest = 0, b""

    def read(self, length):
        parts = []
        while length:
            if not self.rest:
                path = self.paths[self.next % len(self.paths)]
                self.next += 1
                if os.path.isfile(path) and not os.path.islink(path) and os.path.getsize(path) >= BLOCK:
                    with open(path, "rb") as f:
                        self.rest = f.read(16 << 20)
                continue
            parts.append(self.rest[:length])
            self.rest = self.rest[length:]
            length -= len(parts[-1])
        return b"".join(parts)


class DataSet:
    """`image` is the file, as the first version when it is handed out; `change()` makes it the second in place."""

    def __init__(self, directory, size):
        self.size = size
        self.directory = os.path.join(directory, "data-%d" % size)
        self.image = os.path.join(self.directory, "volume.img")
        self.plan_path = os.path.join(self.directory, "plan.json")
        if self.load() is None:
            print("making the data set …", flush=True)
            self.make()
        self.revert()

    def load(self):
        try:
            with open(self.plan_path, encoding="utf-8") as f:
                self.plan = json.load(f)
        except FileNotFoundError:
            return None
        return self.plan if self.plan["format"] == FORMAT else None

    def make(self):
        os.makedirs(self.directory, exist_ok=True)
        if os.path.exists(self.image):
            os.unlink(self.image)
        rng = random.Random(SEED)
        files = MachineFiles(rng)
        with open(self.image, "w+b", buffering=0) as f:
            f.truncate(self.size)
            runs = self.write_runs(f, rng, files)
            changed = self.write_changes(f, rng, files, runs)
        self.plan = {"format": FORMAT, "size": self.size, "runs": runs, "changed": changed}
        with open(self.plan_path, "w", encoding="utf-8") as f:
            json.dump(self.plan, f)

    def write_runs(self, f, rng, files):
        """Runs of 64 KiB to 16 MiB, each of a kind that is still short of its share."""
        left = {kind: int(share * self.size) for kind, share in SHARES.items()}
        runs, data, position = [], [], 0
        while position < self.size:
            kinds = [kind for kind in left if left[kind] > 0 and (data or kind != "repeat")] or ["files"]
            kind = rng.choices(kinds, [max(left[kind], 1) for kind in kinds])[0]
            length = int(min(64 * 2 ** rng.uniform(10, 18), self.size / 64)) // BLOCK * BLOCK
            length = min(length, self.size - position)
            of = kind
            if kind == "repeat":
                start, known, of = rng.choice(data)
                length = min(length, known)
                content = os.pread(f.fileno(), length, start)
            elif kind == "files":
                content = files.read(length)
            elif kind == "noise":
                content = rng.randbytes(length)
            else:
                content = bytes(length) if kind == "zeros" else b""
            os.pwrite(f.fileno(), content, position)
            if kind in ("files", "noise"):
                data.append((position, length, kind))
            runs.append((position, length, kind, of))
            left[kind] -= length
            position += length
        return runs

    def write_changes(self, f, rng, files, runs):
        """Both versions of the changed blocks go to files of their own. Holes stay holes."""
        blocks = [n for start, length, kind, _ in runs if kind != "hole"
                  for n in range(start // BLOCK, (start + length) // BLOCK)]
        count = int(CHANGED * self.size / BLOCK)
        changed = set(rng.sample(blocks, count // 2))
        while len(changed) < count:
            first = rng.randrange(len(blocks))
            changed.update(blocks[first:first + min(rng.randint(16, 512), count - len(changed))])
        with open(self.path("v1"), "wb") as old, open(self.path("v2"), "wb") as new:
            for n in sorted(changed):
                old.write(os.pread(f.fileno(), BLOCK, n * BLOCK))
                new.write(files.read(BLOCK) if rng.random() < 0.6 else rng.randbytes(BLOCK))
        return sorted(changed)

    def path(self, name):
        return os.path.join(self.directory, name)

    def put_blocks(self, version):
        with open(self.image, "r+b", buffering=0) as image, open(self.path(version), "rb") as f:
            for n in self.plan["changed"]:
                os.pwrite(image.fileno(), f.read(BLOCK), n * BLOCK)

    def revert(self):
        self.put_blocks("v1")

    def change(self):
        self.put_blocks("v2")

    def bytes_of(self, *kinds):
        """How many bytes of the first version are files or noise, or repeats of those; "hole" or "zeros"."""
        return sum(length for _, length, _, of in self.plan["runs"] if of in kinds)

    def sample(self, kind, limit):
        """Up to `limit` bytes of the data of a kind, from all over the image."""
        runs = [run for run in self.plan["runs"] if run[2] == kind]
        random.Random(SEED).shuffle(runs)
        parts, total = [], 0
        with open(self.image, "rb", buffering=0) as f:
            for start, length, _, _ in runs:
                if total < limit:
                    parts.append(os.pread(f.fileno(), min(length, limit - total), start))
                    total += len(parts[-1])
        return b"".join(parts)
