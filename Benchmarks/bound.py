# SPDX-License-Identifier: Apache-2.0
"""The bound: what the work itself costs on this machine, spread over all cores.

Measured one by one on a core, on samples of the data and with the libraries that the daemon uses: SHA-256, MD5,
packing and unpacking; and reading and writing past the page cache. The bound knows nothing of JSON, the catalog, the
page cache, or of waiting for one another.
"""
import ctypes
import ctypes.util
import hashlib
import mmap
import os
import time

CHUNK = 16 << 20
SAMPLE = 128 << 20


def seconds_per_byte(work, data):
    """Of CPU time, the best of three."""
    best = float("inf")
    for _ in range(3):
        before = time.thread_time()
        for start in range(0, len(data), CHUNK):
            work(data[start:start + CHUNK])
        best = min(best, time.thread_time() - before)
    return best / len(data)


def library(name):
    path = ctypes.util.find_library(name)
    return ctypes.CDLL(path) if path else None


class DeflateStream(ctypes.Structure):
    """The head of ISA-L's struct isal_zstream; room for the rest."""
    _fields_ = [("next_in", ctypes.c_void_p), ("avail_in", ctypes.c_uint32), ("total_in", ctypes.c_uint32),
                ("next_out", ctypes.c_void_p), ("avail_out", ctypes.c_uint32), ("total_out", ctypes.c_uint32),
                ("hufftables", ctypes.c_void_p), ("level", ctypes.c_uint32), ("level_buf_size", ctypes.c_uint32),
                ("level_buf", ctypes.c_void_p), ("end_of_stream", ctypes.c_uint16), ("flush", ctypes.c_uint16),
                ("gzip_flag", ctypes.c_uint16), ("rest", ctypes.c_char * (1 << 20))]


class Packing:
    """`pack(data)` and `unpack(packed)` of one algorithm; `pack` is None where its library is missing."""

    def __init__(self, algorithm):
        self.out = ctypes.create_string_buffer(2 * CHUNK)
        self.pack = getattr(self, algorithm + "_packer")()
        self.unpack = {"zlib": self.unzlib, "zstd": self.unzstd, "none": None}[algorithm]

    def none_packer(self):
        return lambda data: data

    def zstd_packer(self):
        self.zstd = library("zstd")
        if not self.zstd:
            return None
        for name in ("ZSTD_compress", "ZSTD_decompress"):
            getattr(self.zstd, name).restype = ctypes.c_size_t
        size = ctypes.c_size_t
        return lambda data: self.out[:self.zstd.ZSTD_compress(self.out, size(len(self.out)), data, size(len(data)), 1)]

    def unzstd(self, packed):
        self.zstd.ZSTD_decompress(self.out, ctypes.c_size_t(len(self.out)), packed, ctypes.c_size_t(len(packed)))

    def unzlib(self, packed):
        length = ctypes.c_ulong(len(self.out))
        if self.zlib.uncompress(self.out, ctypes.byref(length), packed, ctypes.c_ulong(len(packed))) != 0:
            raise RuntimeError("uncompress")

    def zlib_packer(self):
        self.zlib = library("z")
        isal = library("isal")
        if not isal or not self.zlib:
            return None
        stream, level_buffer = DeflateStream(), ctypes.create_string_buffer(1 << 20)

        def pack(data):
            ctypes.memset(ctypes.byref(stream), 0, ctypes.sizeof(stream))
            isal.isal_deflate_init(ctypes.byref(stream))
            stream.next_in, stream.avail_in = ctypes.cast(ctypes.c_char_p(data), ctypes.c_void_p), len(data)
            stream.next_out, stream.avail_out = ctypes.addressof(self.out), len(self.out)
            stream.level, stream.level_buf = 1, ctypes.addressof(level_buffer)
            stream.level_buf_size, stream.end_of_stream, stream.gzip_flag = len(level_buffer), 1, 3
            if isal.isal_deflate(ctypes.byref(stream)) != 0 or stream.avail_in:
                raise RuntimeError("isal_deflate")
            return self.out[:stream.total_out]
        return pack


def copying(packing):
    """What Packing adds by making bytes objects, which the daemon does not: not counted."""
    return lambda data: packing.out[:len(data)]


def disk(image, scratch):
    """Seconds of wall and of CPU per byte, for reading and for writing, in pieces of 4 MiB past the page cache."""
    piece = mmap.mmap(-1, 4 << 20)
    piece.write(os.urandom(len(piece)))

    def measure(fd, move, offsets):
        wall, cpu = time.monotonic(), time.process_time()
        count = sum(move(fd, [piece], offset) for offset in offsets)
        os.fsync(fd)
        return (time.monotonic() - wall) / count, (time.process_time() - cpu) / count

    fd = os.open(image, os.O_RDONLY | os.O_DIRECT)
    offsets, end, size = [], 0, os.fstat(fd).st_size
    while end < size and len(offsets) < 256:
        try:
            start = os.lseek(fd, end, os.SEEK_DATA)
        except OSError:  # only a hole follows
            break
        end = os.lseek(fd, start, os.SEEK_HOLE)
        offsets += range(start, end - len(piece) + 1, len(piece))
    reading = measure(fd, os.preadv, offsets)
    os.close(fd)
    fd = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_DIRECT, 0o600)
    writing = measure(fd, os.pwritev, range(0, 64 * len(piece), len(piece)))
    os.close(fd)
    os.unlink(scratch)
    return reading, writing


class Bound:
    def __init__(self, data, scratch):
        self.data = data
        samples = {kind: data.sample(kind, SAMPLE) for kind in ("files", "noise")}
        self.sha256 = seconds_per_byte(lambda data: hashlib.sha256(data).digest(), samples["files"])
        self.md5 = seconds_per_byte(lambda data: hashlib.md5(data).digest(), samples["files"])
        self.reading, self.writing = disk(data.image, scratch)
        self.algorithms = {name: self.measure_packing(name, samples) for name in ("zlib", "zstd", "none")}
        self.seconds = {name: self.of(name) for name in self.algorithms}

    def measure_packing(self, name, samples):
        """Noise counts as recognised at once. Per byte: seconds to pack, to unpack, length."""
        packing, files = Packing(name), samples["files"]
        if name == "none" or packing.pack is None:
            return {"pack": 0, "unpack": 0, "ratio": 1, "is_known": name == "none"}
        chunks = [files[start:start + CHUNK] for start in range(0, len(files), CHUNK)]
        packed = [packing.pack(chunk) for chunk in chunks]
        ratio = sum(map(len, packed)) / len(files)
        pack = seconds_per_byte(packing.pack, files) - ratio * seconds_per_byte(copying(packing), files)
        unpack = min(self.unpacking(packing, packed) for _ in range(3)) / len(files)
        return {"pack": pack, "unpack": unpack, "ratio": ratio, "is_known": True}

    def unpacking(self, packing, packed):
        before = time.thread_time()
        for piece in packed:
            packing.unpack(piece)
        return time.thread_time() - before

    def of(self, name):
        """Seconds of wall: all cores busy with the work, or the disk busy, whichever takes longer."""
        packing, cores = self.algorithms[name], len(os.sched_getaffinity(0))
        files, noise, zeros = (self.data.bytes_of(kind) for kind in ("files", "noise", "zeros"))
        content = files + noise
        changed = len(self.data.plan["changed"]) * 4096
        stored, stored_changed = files * packing["ratio"] + noise, changed * (0.6 * packing["ratio"] + 0.4)

        def longest(cpu, read, written):
            cpu += read * self.reading[1] + written * self.writing[1]
            return max(cpu / cores, read * self.reading[0], written * self.writing[0])

        hashing = content * self.sha256
        return {
            "full": longest(hashing + content * self.md5 + files * packing["pack"], content + zeros, stored),
            "incremental": longest(
                hashing + changed * (self.md5 + 0.6 * packing["pack"]), content + zeros, stored_changed),
            "hash": longest(hashing, content + zeros, 0),
            "restore": longest(hashing + content * self.md5 + files * packing["unpack"], stored, content),
        }

    def lines(self):
        speed = lambda seconds: "%6.0f MB/s" % (1e-6 / seconds) if seconds else "       n/a"
        yield "per core: SHA-256 %s, MD5 %s" % (speed(self.sha256), speed(self.md5))
        for name in ("zlib", "zstd"):
            packing = self.algorithms[name]
            yield "          %s: pack %s (to %.3f), unpack %s" % (
                name, speed(packing["pack"]), packing["ratio"], speed(packing["unpack"]))
        yield "disk:     read %s, write %s" % (speed(self.reading[0]), speed(self.writing[0]))
