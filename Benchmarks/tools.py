# SPDX-License-Identifier: Apache-2.0
"""What is measured: the daemon over its API, and the tools beside it.

Each has `full()`, and where it can `unchanged()`, `incremental()` and `restore()`; each of these returns a measurement.
`repository` is the directory that it fills, `target` what it restores to.
"""
import http.client
import json
import os
import shutil
import socket
import subprocess
import time
import uuid

from measure import Meter, run, sync

ORACLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../Tests/Interop/cinder_oracle.py")


class Tool:
    makes_increments = False
    restores = True

    def __init__(self, name, image, directory):
        self.name, self.image, self.directory = name, image, directory
        shutil.rmtree(directory, ignore_errors=True)
        self.repository = os.path.join(directory, "repository")
        os.makedirs(self.repository)
        self.target = os.path.join(directory, "restored.img")
        self.start()

    def start(self):
        pass

    def close(self):
        shutil.rmtree(self.directory)

    def run(self, *command, cwd=None, env=None):
        return run(*command, cwd=cwd, env=env, sync_path=self.directory)


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost")
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)


CONFIGURATION = """
listen: ["unix:{0}/api.sock"]
state_directory: {0}/state
repository:
  posix: {{path: {0}/repository}}
volumes:
  directory: {0}/volumes
  allowed_paths: [{1}]
backup:
  compression_algorithm: {2}
progress_log:
  path: {0}/progress.jsonl
"""


class Cinderblock(Tool):
    makes_increments = True
    daemon = None  # the path of the binary

    def start(self):
        configuration = os.path.join(self.directory, "cinderblock.yaml")
        with open(configuration, "w", encoding="utf-8") as f:
            f.write(CONFIGURATION.format(self.directory, os.path.dirname(self.image), self.name.partition("-")[2]))
        with open(os.path.join(self.directory, "log"), "wb") as log:
            self.process = subprocess.Popen([self.daemon, "--config", configuration], stderr=log)
        self.wait_until_it_answers()
        body = {"volume": {"ref": {"source-name": self.image}}}
        self.volume = self.call("POST", "/manageable_volumes", body)["volume"]["id"]

    def wait_until_it_answers(self):
        for _ in range(200):
            try:
                return self.call("GET", "/healthz")
            except OSError:
                time.sleep(0.05)
        raise RuntimeError("the daemon does not answer; see " + self.directory)

    def close(self):
        self.process.terminate()
        self.process.wait()
        super().close()

    def call(self, method, path, body=None):
        connection = UnixConnection(os.path.join(self.directory, "api.sock"))
        connection.request(method, path, json.dumps(body) if body else None, {"Content-Type": "application/json"})
        response = connection.getresponse()
        answer = json.loads(response.read() or "null")
        connection.close()
        if response.status >= 300:
            raise RuntimeError("%s %s: %s" % (method, path, answer))
        return answer

    def wait(self, kind, path, meanwhile):
        while True:
            item = self.call("GET", path)[kind]
            if item["status"] != meanwhile:
                break
            time.sleep(0.02)
        if item["status"] != "available":
            raise RuntimeError("%s: %s" % (path, item))
        return item

    def back_up(self, incremental):
        meter = Meter(self.process.pid)
        body = {"backup": {"volume_id": self.volume, "incremental": incremental}}
        self.backup = self.call("POST", "/backups", body)["backup"]["id"]
        backup = self.wait("backup", "/backups/" + self.backup, "creating")
        return {**meter.stop(), "objects": backup["progress"]["objects"], "stored": backup["stored_bytes"]}

    def full(self):
        return self.back_up(False)

    def unchanged(self):
        return self.back_up(True)

    def incremental(self):
        return self.back_up(True)

    def restore(self):
        meter = Meter(self.process.pid)
        volume = self.call("POST", "/backups/%s/restore" % self.backup, {"restore": {}})["restore"]["volume_id"]
        self.target = self.wait("volume", "/volumes/" + volume, "restoring-backup")["source"]
        return meter.stop()


class Cinder(Tool):
    """The real driver, without the services around it. Its start is not measured: an empty call comes first."""
    makes_increments = True
    python = None  # of an environment with Cinder

    def start(self):
        self.process = subprocess.Popen(
            [self.python, ORACLE, "serve"], text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.volume, self.backup = str(uuid.uuid4()), None
        self.call("delete", "--backup-id", str(uuid.uuid4()))


    def close(self):
        self.process.stdin.close()
        self.process.wait()
        super().close()

    def call(self, command, *arguments):
        print(json.dumps([command, "--repo", self.repository, *arguments]), file=self.process.stdin, flush=True)
        return json.loads(self.process.stdout.readline())

    def measured(self, *arguments):
        meter = Meter(self.process.pid)
        answer = self.call(*arguments)
        sync(self.directory)
        if "error" in answer:
            raise RuntimeError("Cinder: %s" % answer)
        return meter.stop(), answer

    def back_up(self, *arguments):
        result, answer = self.measured("backup", "--volume-id", self.volume, "--volume-file", self.image,
                                       "--compression", self.name.partition("-")[2], *arguments)
        self.backup = answer["backup"]["id"]
        return result

    def full(self):
        return self.back_up()

    def incremental(self):
        return self.back_up("--parent", self.backup)

    def restore(self):
        return self.measured("restore", "--backup-id", self.backup, "--out", self.target, "--new-volume")[0]


class Restic(Tool):
    """Version 2 of its repository, with its default compression; it always encrypts."""
    makes_increments = True

    def start(self):
        self.environment = {"RESTIC_PASSWORD": "bench", "RESTIC_REPOSITORY": self.repository,
                            "RESTIC_CACHE_DIR": os.path.join(self.directory, "cache")}
        self.restic("init", "--repository-version", "2")

    def restic(self, *arguments):
        return self.run("restic", "--quiet", *arguments, env=self.environment)

    def full(self):
        return self.restic("backup", self.image)

    incremental = full

    def restore(self):
        self.target = os.path.join(self.directory, "out", self.image.lstrip("/"))
        return self.restic("restore", "latest", "--target", os.path.join(self.directory, "out"))


class Borg(Tool):
    """zstd 3, chunks of 4 MiB at fixed places, no encryption."""
    makes_increments = True

    def start(self):
        self.count = 0
        self.environment = {"BORG_BASE_DIR": os.path.join(self.directory, "base"), "BORG_REPO": self.repository,
                            "BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK": "yes"}
        self.borg("init", "--encryption", "none")

    def borg(self, *arguments, cwd=None):
        return self.run("borg", *arguments, cwd=cwd, env=self.environment)

    def full(self):
        self.count += 1
        return self.borg("create", "--compression", "zstd,3", "--chunker-params", "fixed,4194304",
                         "::%d" % self.count, self.image)

    incremental = full

    def restore(self):
        self.target = os.path.join(self.directory, self.image.lstrip("/"))
        return self.borg("extract", "--sparse", "::%d" % self.count, cwd=self.directory)


BENJI = """
configurationVersion: '1'
databaseEngine: sqlite:///{0}/benji.sqlite
defaultStorage: repository
blockSize: 4194304
logFile: {0}/benji.log
ios:
  - {{name: file, module: file}}
storages:
  - {{name: repository, storageId: 1, module: file, configuration: {{path: {1}, activeTransforms: [zstd]}}}}
transforms:
  - {{name: zstd, module: zstd, configuration: {{level: 3}}}}
"""


class Benji(Tool):
    """zstd 3, blocks of 4 MiB, a database in SQLite. Without hints of what has changed it reads all, as ours does."""
    makes_increments = True

    def start(self):
        self.count = 0
        self.configuration = os.path.join(self.directory, "benji.yaml")
        with open(self.configuration, "w", encoding="utf-8") as f:
            f.write(BENJI.format(self.directory, self.repository))
        self.benji("database-init")

    def benji(self, *arguments):
        return self.run("benji", "--config-file", self.configuration, "--log-level", "ERROR", *arguments)

    def full(self):
        self.count += 1
        return self.benji("backup", "--uid", "v%d" % self.count, "file:" + self.image, "volume")

    incremental = full

    def restore(self):
        return self.benji("restore", "--sparse", "v%d" % self.count, "file:" + self.target)


class QemuImg(Tool):
    """A compressed qcow2 (zstd), and back."""

    def full(self):
        return self.run("qemu-img", "convert", "-c", "-O", "qcow2", "-o", "compression_type=zstd",
                        "-f", "raw", self.image, self.repository + "/volume.qcow2")

    def restore(self):
        return self.run("qemu-img", "convert", "-f", "qcow2", "-O", "raw", self.repository + "/volume.qcow2",
                        self.target)


class Zstd(Tool):
    def full(self):
        return self.run("zstd", "-q", "-3", "-T0", self.image, "-o", self.repository + "/volume.zst")

    def restore(self):
        return self.run("zstd", "-q", "-d", self.repository + "/volume.zst", "-o", self.target)


class Copy(Tool):
    restores = False

    def full(self):
        return self.run("cp", "--sparse=always", self.image, self.repository)


class OpenSSL(Tool):
    restores = False

    def full(self):
        return self.run("openssl", "dgst", "-sha256", self.image)


PEERS = {"cinder-zlib": Cinder, "cinder-zstd": Cinder, "restic": Restic, "borg": Borg,
         "benji": Benji, "qemu-img": QemuImg, "zstd": Zstd, "cp": Copy, "openssl": OpenSSL}


def is_installed(peer):
    return Cinder.python is not None if PEERS[peer] is Cinder else shutil.which(peer) is not None
