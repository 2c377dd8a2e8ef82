# SPDX-License-Identifier: Apache-2.0
"""A cinderblockd of one's own, for as long as a test runs."""
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import time

KIB, MIB, GIB = 2**10, 2**20, 2**30
BLOCK = 32 * KIB


class Failure(Exception):
    """The other side refused, or did not finish in time."""


class Answer:
    """What the daemon said to one request."""

    def __init__(self, response):
        self.status, self.headers, self.data = response.status, response.headers, response.read()

    @property
    def json(self):
        """None where the answer is empty or something else."""
        return json.loads(self.data) if self.data.lstrip().startswith((b"{", b"[")) else None


class Daemon:
    """cinderblockd in a directory of its own, and the requests made to it.

    With `auth` "token" they carry the daemon's token, which is in `token` then.
    """

    def __init__(self, binary, directory, compression="zlib", chunk=MIB, memory=128 * MIB, deadline=120, auth="none"):
        self.binary, self.directory, self.deadline, self.memory = binary, directory, deadline, memory
        self.token = None
        self.images = os.path.join(directory, "images")
        self.repository = os.path.join(directory, "backups")
        self.socket = os.path.join(directory, "api.sock")
        os.makedirs(self.images)
        os.makedirs(self.repository, exist_ok=True)
        self.port = None
        config = os.path.join(directory, "cinderblock.yaml")
        with open(config, "w", encoding="utf-8") as f:
            f.write(f"""\
listen: ["unix:{self.socket}", "127.0.0.1:0"]
auth: {auth}
state_directory: {directory}/state
repository:
  posix: {{path: {self.repository}}}
volumes:
  directory: {directory}/volumes
  allowed_paths: [{self.images}]
backup:
  compression_algorithm: {compression}
  chunk_size_bytes: {chunk}
  sha_block_size_bytes: {BLOCK}
  memory_limit_bytes: {memory}
progress_log:
  path: {directory}/progress.jsonl
audit_log: {{path: {directory}/audit.jsonl}}
""")
        self.log = open(os.path.join(directory, "daemon.log"), "w+b")
        self.process = subprocess.Popen([binary, "--config", config], stdout=self.log, stderr=self.log)
        self.until("answers /healthz", self.is_healthy, 30)
        if auth == "token":
            with open(os.path.join(directory, "state", "token"), encoding="ascii") as f:
                self.token = f.read().strip()

    def is_healthy(self):
        if self.process.poll() is not None:
            raise Failure(f"the daemon ended with status {self.process.returncode}:\n{self.last_log_lines()}")
        # The system chose the port, and the log tells it.
        self.port = self.port or self.logged_port()
        try:
            return self.port and self.answer("GET", "/healthz").status == 200
        except (OSError, http.client.HTTPException):
            return False

    def logged_port(self):
        with open(self.log.name, encoding="utf-8", errors="replace") as f:
            found = re.search(r"Listening address=127\.0\.0\.1:([0-9]+)\n", f.read())
        return int(found[1]) if found else None

    def last_log_lines(self):
        with open(self.log.name, encoding="utf-8", errors="replace") as f:
            return "".join(f.readlines()[-20:])

    def until(self, what, condition, seconds=None):
        limit = time.monotonic() + (seconds or self.deadline)
        while time.monotonic() < limit:
            result = condition()
            if result:
                return result
            time.sleep(0.05)
        raise Failure(f"waited too long: {what}")

    def answer(self, method, path, body=None, headers=None, over_unix=False):
        """The answer, whatever its status; `body` is sent as JSON unless it is bytes."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        if over_unix:
            connection.sock = socket.socket(socket.AF_UNIX)
            connection.sock.settimeout(30)
            connection.sock.connect(self.socket)
        sent = {"Content-Type": "application/json"} if body is not None else {}
        if self.token:
            sent["X-Auth-Token"] = self.token
        sent.update(headers or {})
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body)
        try:
            connection.request(method, path, body, sent)
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def request(self, method, path, body=None, over_unix=False):
        answer = self.answer(method, path, body, over_unix=over_unix)
        if answer.status >= 400:
            raise Failure(f"{method} {path}: {answer.status} {answer.data.decode(errors='replace').strip()}")
        return answer.json

    def manage(self, path, volume_id=None):
        volume = {"name": os.path.basename(path), "ref": {"source-name": path}}
        if volume_id:
            volume["id"] = volume_id
        answer = self.request("POST", "/manageable_volumes", {"volume": volume})["volume"]["id"]
        if volume_id and answer != volume_id:
            raise Failure(f"the volume got the id {answer}, not {volume_id}")
        return answer

    def backup(self, volume, incremental=False):
        body = {"backup": {"volume_id": volume, "incremental": incremental, "name": "interop"}}
        identifier = self.request("POST", "/backups", body)["backup"]["id"]
        return self.finished_backup(identifier)

    def finished_backup(self, identifier):
        def finished():
            backup = self.request("GET", f"/backups/{identifier}")["backup"]
            if backup["status"] == "error":
                raise Failure(f"backup {identifier}: {backup['fail_reason']}")
            return backup if backup["status"] == "available" else None
        return self.until(f"backup {identifier} is available", finished)

    def restore(self, backup, volume=None):
        """The path of the volume restored to: a new one, or the given one."""
        target = {"volume_id": volume} if volume else {"name": "restored"}
        answer = self.request("POST", f"/backups/{backup}/restore", {"restore": target})["restore"]

        def finished():
            volume = self.request("GET", f"/volumes/{answer['volume_id']}")["volume"]
            if volume["status"] == "error_restoring":
                raise Failure(f"restore of {backup}: {volume.get('fail_reason')}")
            return volume["source"] if volume["status"] == "available" else None
        path = self.until(f"restore of {backup} ends", finished)
        self.finished_backup(backup)
        return path

    def export_url(self, backup):
        return self.request("GET", f"/backups/{backup}/export_record")["backup-record"]["backup_url"]

    def import_record(self, record):
        """Takes the answer of Cinder's export-record."""
        answer = self.request("POST", "/backups/import_record", {"backup-record": record})
        return self.finished_backup(answer["backup"]["id"])

    def delete(self, backup):
        self.request("DELETE", f"/backups/{backup}")
        self.until_gone(f"/backups/{backup}")

    def until_gone(self, path):
        self.until(f"{path} is deleted", lambda: self.answer("GET", path).status == 404)

    def stored_files(self, container, prefix=""):
        """The names of the files of a container that begin with a prefix; none where there is no such container."""
        path = os.path.join(self.repository, container)
        names = os.listdir(path) if os.path.isdir(path) else []
        return sorted(name for name in names if name.startswith(prefix))

    def peak_bytes(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as f:
            return next(int(line.split()[1]) * KIB for line in f if line.startswith("VmHWM"))

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return None
