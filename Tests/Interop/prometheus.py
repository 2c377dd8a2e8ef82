#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""cinderblockd's metrics and alerts, judged by Prometheus itself.

    prometheus.py --daemon .build/release/cinderblockd

Needs Debian's package prometheus. Prints a line per check and, as the last line, "N passed, M failed".
"""
import argparse
import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
RULES = os.path.join(HERE, "..", "..", "config", "cinderblock.rules.yaml")
RULE_TESTS = os.path.join(HERE, "rules_test.yaml")
DEADLINE = 60


class Checks:
    passed = failed = 0

    def check(self, name, ok, detail=""):
        self.passed, self.failed = self.passed + bool(ok), self.failed + (not ok)
        print(f"{'ok  ' if ok else 'FAIL'} {name}{'' if ok else f': {detail}'}", flush=True)

    def runs(self, name, *command, **options):
        done = subprocess.run(command, capture_output=True, text=True, **options)
        said = done.stdout + done.stderr
        self.check(name, done.returncode == 0, f"status {done.returncode}: {said}")


class Daemon:
    """cinderblockd on a TCP port, which wants the token."""

    def __init__(self, binary, directory):
        self.directory = directory
        self.images = os.path.join(directory, "images")
        os.makedirs(self.images)
        self.port = free_port()
        config = os.path.join(directory, "cinderblock.yaml")
        with open(config, "w", encoding="utf-8") as f:
            f.write(f"""\
listen: ["127.0.0.1:{self.port}"]
state_directory: {directory}/state
repository:
  posix: {{path: {directory}/backups}}
volumes:
  directory: {directory}/volumes
  allowed_paths: [{self.images}]
progress_log:
  path: {directory}/progress.jsonl
audit_log: {{path: {directory}/audit.jsonl}}
""")
        self.process = subprocess.Popen([binary, "--config", config])
        until("the daemon answers", lambda: self.ask("GET", "/healthz")[0] == 200)
        self.token_file = os.path.join(directory, "state", "token")
        with open(self.token_file, encoding="utf-8") as f:
            self.token = f.read().strip()

    def ask(self, method, path, body=None, token=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body and json.dumps(body), {"X-Auth-Token": token} if token else {})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except OSError:
            return 0, ""
        finally:
            connection.close()

    def request(self, method, path, body=None):
        status, text = self.ask(method, path, body, self.token)
        if not 200 <= status < 300:
            raise RuntimeError(f"{method} {path} was answered by {status} {text}")
        return json.loads(text) if text else None

    def volume(self, name, size):
        path = os.path.join(self.images, f"disk-{len(os.listdir(self.images))}")
        with open(path, "wb") as f:
            f.write(os.urandom(size))
        body = {"volume": {"name": name, "ref": {"source-name": path}}}
        return self.request("POST", "/manageable_volumes", body)["volume"]["id"]

    def backup(self, volume):
        backup = self.request("POST", "/backups", {"backup": {"volume_id": volume}})["backup"]["id"]
        until("the backup is complete",
              lambda: self.request("GET", f"/backups/{backup}")["backup"]["status"] == "available")


class Prometheus:
    """The server itself, set up as docs/operations.md says."""

    def __init__(self, directory, daemon):
        self.port = free_port()
        config = os.path.join(directory, "prometheus.yml")
        with open(config, "w", encoding="utf-8") as f:
            f.write(f"""\
global: {{scrape_interval: 1s, evaluation_interval: 1s}}
rule_files: ["{os.path.abspath(RULES)}"]
scrape_configs:
  - job_name: cinderblock
    authorization:
      type: Bearer
      credentials_file: {daemon.token_file}
    static_configs:
      - targets: ["127.0.0.1:{daemon.port}"]
""")
        log = open(os.path.join(directory, "prometheus.log"), "wb")
        self.process = subprocess.Popen(
            ["prometheus", f"--config.file={config}", f"--storage.tsdb.path={directory}/tsdb",
             f"--web.listen-address=127.0.0.1:{self.port}"], stdout=log, stderr=log)

    def get(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return json.loads(answer.read())["data"] if answer.status == 200 else None
        except OSError:
            return None
        finally:
            connection.close()

    def query(self, text):
        data = self.get("/api/v1/query?" + urllib.parse.urlencode({"query": text}))
        return data["result"] if data else []

    def rules(self):
        data = self.get("/api/v1/rules")
        return [rule for group in data["groups"] for rule in group["rules"]] if data else []


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def until(what, condition):
    end = time.monotonic() + DEADLINE
    while not condition():
        if time.monotonic() > end:
            raise RuntimeError(f"not in {DEADLINE} s: {what}")
        time.sleep(0.05)


def check_files(checks, directory):
    checks.runs("promtool accepts the alert rules", "promtool", "check", "rules", "--lint-fatal", RULES)
    tests = os.path.join(directory, "rules_test.yaml")
    with open(RULE_TESTS, encoding="utf-8") as source, open(tests, "w", encoding="utf-8") as target:
        target.write(source.read().replace("@RULES@", os.path.abspath(RULES)))
    checks.runs("the alerts fire when they should", "promtool", "test", "rules", tests)


def check_metrics(checks, daemon):
    checks.check("metrics want the token", daemon.ask("GET", "/metrics")[0] == 401)
    status, text = daemon.ask("GET", "/metrics", token=daemon.token)
    checks.check("with it they are there", status == 200, status)
    checks.runs("promtool accepts the metrics", "promtool", "check", "metrics", input=text)


def check_server(checks, prometheus, volume, never):
    until("Prometheus has scraped the daemon", lambda: prometheus.query('up{job="cinderblock"} == 1'))
    success = prometheus.query("cinderblock_backup_last_success_timestamp_seconds")
    checks.check("Prometheus knows when the volume was backed up",
                 [s["metric"]["volume"] for s in success] == [volume], success)
    named = prometheus.query(f'cinderblock_volume_info{{volume="{never}"}}')
    checks.check("a name comes through as it is", [s["metric"]["name"] for s in named] == ['a\\b "c"\nd'], named)
    until("all rules were evaluated",
          lambda: prometheus.rules() and all(rule["health"] != "unknown" for rule in prometheus.rules()))
    broken = [rule["name"] for rule in prometheus.rules() if rule["health"] != "ok"]
    checks.check("all rules can be evaluated", not broken, broken)
    firing = prometheus.query("ALERTS")
    checks.check("nothing is wrong", not firing, firing)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--daemon", required=True, help="the cinderblockd to test")
    options = parser.parse_args()
    checks, processes = Checks(), []
    directory = tempfile.mkdtemp(prefix="cinderblock-prometheus-")
    try:
        check_files(checks, directory)
        daemon = Daemon(options.daemon, directory)
        processes.append(daemon.process)
        volume, never = daemon.volume("db", 3_000_000), daemon.volume('a\\b "c"\nd', 1000)
        daemon.backup(volume)
        check_metrics(checks, daemon)
        prometheus = Prometheus(directory, daemon)
        processes.append(prometheus.process)
        check_server(checks, prometheus, volume, never)
    except RuntimeError as error:
        checks.check("everything was done in time", False, error)
    finally:
        for process in processes:
            process.terminate()
            process.wait()
        shutil.rmtree(directory, ignore_errors=True)
    print(f"{checks.passed} passed, {checks.failed} failed")
    return 0 if checks.passed and not checks.failed else 1


if __name__ == "__main__":
    sys.exit(main())
