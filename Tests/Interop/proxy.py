#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The nginx example of docs/operations.md, run by nginx before a live cinderblockd.

    proxy.py --daemon .build/release/cinderblockd [--page docs/operations.md] [--keep]

Needs Debian's nginx-light and openssl. Prints a line per check and, as the last line, "N passed, M failed".
"""
import argparse
import base64
import http.client
import json
import os
import pwd
import re
import shutil
import socket
import ssl
import subprocess
import sys

from checks import MIB, Checks
from daemon import Daemon, Failure
from scratch import scratch_directory

HERE = os.path.dirname(os.path.abspath(__file__))
PASSWORD = "correct horse"


def example(page):
    """The indented lines from "upstream" to the end of the server."""
    return re.search(r"^    upstream cinderblock \{.*?^    \}\n\n    server \{.*?^    \}\n", page, re.M | re.S)[0]


class Nginx:
    def __init__(self, directory, page, unix_socket):
        self.port = free_port()
        self.certificate = os.path.join(directory, "certificate.pem")
        key, users = os.path.join(directory, "key.pem"), os.path.join(directory, "users")
        run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=backup.example.org",
            "-addext", "subjectAltName=DNS:backup.example.org", "-keyout", key, "-out", self.certificate)
        # As the page has it made.
        password = run("openssl", "passwd", "-6", "-stdin", input=PASSWORD).strip()
        with open(users, "w", encoding="ascii") as f:
            f.write(f"operator:{password}\n")
        server = example(page)
        for theirs, ours in (
                ("/run/cinderblock/api.sock", unix_socket), ("listen 443", f"listen 127.0.0.1:{self.port}"),
                ("/etc/ssl/certs/backup.example.org.pem", self.certificate),
                ("/etc/ssl/private/backup.example.org.key", key), ("/etc/nginx/cinderblock.users", users)):
            if theirs not in server:
                raise Failure(f"the example has no {theirs}")
            server = server.replace(theirs, ours)
        user = f"user {pwd.getpwuid(0).pw_name};" if os.geteuid() == 0 else ""
        temporary = "".join(
            f"    {name}_temp_path {directory}/{name};\n"
            for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        configuration = os.path.join(directory, "nginx.conf")
        with open(configuration, "w", encoding="utf-8") as f:
            f.write(f"{user}\ndaemon off;\npid {directory}/nginx.pid;\nevents {{}}\n"
                    f"http {{\n    access_log off;\n{temporary}{server}}}\n")
        nginx = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
        self.errors = os.path.join(directory, "errors")
        self.process = subprocess.Popen([nginx, "-c", configuration, "-e", self.errors])

    def connection(self, timeout=30):
        """To the name in the example, by whose certificate it is known."""
        context = ssl.create_default_context(cafile=self.certificate)
        connection = http.client.HTTPSConnection("backup.example.org", self.port, timeout=timeout, context=context)
        raw = socket.create_connection(("127.0.0.1", self.port), timeout)
        connection.sock = context.wrap_socket(raw, server_hostname="backup.example.org")
        return connection

    def send(self, connection, method, path, body=None, password=PASSWORD, headers=None):
        sent = dict(headers or {})
        if password:
            login = base64.b64encode(f"operator:{password}".encode()).decode()
            sent["Authorization"] = f"Basic {login}"
        connection.request(method, path, body and json.dumps(body), sent)
        return connection.getresponse()

    def ask(self, method, path, body=None, **options):
        connection = self.connection()
        try:
            answer = self.send(connection, method, path, body, **options)
            return answer.status, answer.read()
        finally:
            connection.close()

    def stop(self):
        self.process.terminate()
        self.process.wait(20)


def play(daemon, nginx, checks):
    def answers():
        try:
            return nginx.ask("GET", "/healthz")[0] == 200
        except OSError:
            return False
    daemon.until("nginx answers", answers, 20)

    for name, password in (("no", None), ("a wrong", "wrong")):
        checks.equal(f"{name} password is 401", 401, nginx.ask("GET", "/backups", password=password)[0])
    plain = http.client.HTTPConnection("127.0.0.1", nginx.port, timeout=30)
    plain.request("GET", "/backups")
    checks.equal("without TLS is 400", 400, plain.getresponse().status)
    plain.close()
    checks.equal("with a password no token is asked for", 200, nginx.ask("GET", "/backups")[0])
    status, page = nginx.ask("GET", "/", headers={"Accept": "text/html"})
    checks.check("the page is there", status == 200 and page.lower().startswith(b"<!doctype html"), page[:80])

    stream = nginx.connection()
    events = nginx.send(stream, "GET", "/events")
    checks.equal("events are let through", (200, "text/event-stream"),
                 (events.status, events.headers.get_content_type()))
    image = os.path.join(daemon.images, "disk")
    with open(image, "wb") as f:
        f.write(os.urandom(MIB))
    status, answer = nginx.ask("POST", "/manageable_volumes", {"volume": {"ref": {"source-name": image}}})
    checks.equal("a volume is registered", 202, status)
    volume = json.loads(answer)["volume"]["id"]
    status, answer = nginx.ask("POST", "/backups", {"backup": {"volume_id": volume}})
    checks.equal("a backup is begun", 202, status)
    backup = json.loads(answer)["backup"]["id"]
    # One that is held back until a buffer is full would not come: the socket's timeout ends the wait.
    line = b""
    while backup.encode() not in line:
        line = events.readline()
        if not line:
            break
    checks.check("its events come as they happen", backup.encode() in line)
    stream.close()
    status, answer = nginx.ask("GET", f"/backups/{backup}?wait=20")
    checks.check("it is waited for", status == 200 and json.loads(answer)["backup"]["status"] == "available", answer)
    # What is too large is refused by the daemon, in its words, and not by nginx.
    status, answer = nginx.ask("POST", "/backups", {"backup": {"name": "x" * (2 * MIB)}})
    checks.check("a body of 2 MiB comes to the daemon", status == 413 and b"body_too_large" in answer, answer[:200])
    with open(nginx.errors, encoding="utf-8") as f:
        complaints = [line for line in f if "[emerg]" in line or "[crit]" in line or "[warn]" in line]
    checks.equal("nginx complains of nothing", [], complaints)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def run(*command, **options):
    return subprocess.run(command, check=True, capture_output=True, text=True, **options).stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--daemon", required=True)
    parser.add_argument("--page", default=os.path.join(HERE, "..", "..", "docs", "operations.md"))
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    with open(options.page, encoding="utf-8") as f:
        page = f.read()
    checks = Checks()
    with scratch_directory("proxy", options.keep) as directory:
        daemon = Daemon(os.path.abspath(options.daemon), directory, auth="token")
        nginx = None
        try:
            nginx = Nginx(directory, page, daemon.socket)
            checks.scenario("nginx", play, daemon, nginx, checks)
        finally:
            if nginx:
                nginx.stop()
            checks.equal("the daemon ends", 0, daemon.stop())
    print(checks.summary())
    return checks.exit_status


if __name__ == "__main__":
    sys.exit(main())
