#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The API does what its own description says: schemathesis against a live daemon.

    VENV/bin/python conformance.py --daemon .build/release/cinderblockd [--cases N] [--seed N] [--keep]

VENV holds what conformance-requirements.txt lists. Each round has a daemon of its own, with volumes, backups and a
token, and the rounds go on until N requests were made. Prints a line per check and, as the last line, "N passed, M
failed".
"""
import argparse
import collections
import json
import os
import random
import resource
import shutil
import subprocess
import sys

from checks import Checks
from daemon import KIB, MIB, Daemon, Failure
from scratch import scratch_directory

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAMS = os.path.dirname(sys.executable)
LARGEST_FILE = 4096 * MIB
VOLUMES, BACKUPS, KEYS = 3, 8, 8
# Left out: a backup that is deleted is there until its objects are gone (use_after_free), and what the description
# allows may still be impossible now (positive_data_acceptance).
CHECKS = ("not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,"
          "response_schema_conformance,negative_data_rejection,missing_required_header,unsupported_method,"
          "allow_header_conformance,ensure_resource_availability,ignored_auth")


def fill(daemon):
    """Volumes to back up and to restore to, backups of them, and the record of one that is known no more.

    Returns what the hooks need to know.
    """
    volumes = []
    for number in range(VOLUMES):
        path = os.path.join(daemon.images, f"image{number}")
        with open(path, "wb") as image:
            image.write(os.urandom(MIB))
            image.truncate((number + 2) * MIB)
        volumes.append(daemon.manage(path))
        metadata = {f"key{n}": "value" for n in range(KEYS)}
        daemon.request("POST", f"/volumes/{volumes[-1]}/metadata", {"metadata": metadata})
    kept = [daemon.backup(volumes[0])["id"], daemon.backup(volumes[0], incremental=True)["id"]]
    for _ in range(BACKUPS):
        daemon.backup(volumes[1])
    daemon.restore(kept[1], volumes[2])
    forgotten = daemon.backup(volumes[1])
    record = daemon.request("GET", f"/backups/{forgotten['id']}/export_record")["backup-record"]
    objects = os.path.join(daemon.repository, forgotten["container"])
    shutil.copytree(objects, objects + ".kept")
    daemon.delete(forgotten["id"])
    shutil.rmtree(objects, ignore_errors=True)
    os.rename(objects + ".kept", objects)
    return {"token": daemon.token, "volumes": volumes, "kept": kept + [volumes[0], volumes[2]],
            "images": daemon.images, "record": record}


def fetch_document(daemon, checks, path):
    with open(path, "wb") as f:
        f.write(daemon.answer("GET", "/openapi.json", headers={"X-Auth-Token": "none"}).data)
    run = subprocess.run([os.path.join(PROGRAMS, "openapi-spec-validator"), path], capture_output=True, text=True)
    checks.check("the description is an OpenAPI 3.1 document", run.returncode == 0, run.stdout + run.stderr)


def operations(document):
    """Those described, and those of them whose answers are streams, which may have no end."""
    with open(document, encoding="utf-8") as f:
        paths = json.load(f)["paths"]
    described, streams = {}, []
    for path, methods in paths.items():
        for method, operation in methods.items():
            described[f"{method.upper()} {path}"] = operation["operationId"]
            if "text/event-stream" in operation["responses"].get("200", {}).get("content", {}):
                streams.append(described.pop(f"{method.upper()} {path}"))
    return list(described), streams


def schemathesis(daemon, directory, document, streams, known, seed, options):
    """What it reports, what it says, and the status of each answer it got: {"GET /backups": {200: 17}}."""
    report, statuses = os.path.join(directory, "report.json"), os.path.join(directory, "statuses")
    environment = dict(
        os.environ, PYTHONPATH=HERE, SCHEMATHESIS_HOOKS="conformance_hooks",
        CONFORMANCE=json.dumps(dict(known, statuses=statuses)))
    run = subprocess.run(
        [os.path.join(PROGRAMS, "schemathesis"), "run", document,
         "--url", f"http://127.0.0.1:{daemon.port}", "--header", f"X-Auth-Token: {daemon.token}", "--checks", CHECKS, "--seed", str(seed),
         "--max-examples", str(options.examples), "--continue-on-failure", "--suppress-health-check", "all",
         "--request-timeout", "60", "--no-color", "--output-truncate", "false",
         "--report", "json", "--report-json-path", report,
         *(argument for stream in streams for argument in ("--exclude-operation-id", stream))],
        cwd=directory, env=environment, capture_output=True, text=True)
    if not os.path.exists(report):
        raise Failure(run.stdout + run.stderr)
    answers = collections.defaultdict(collections.Counter)
    with open(statuses, encoding="utf-8") as f:
        for line in f:
            operation, status = line.rsplit(maxsplit=1)
            answers[operation][int(status)] += 1
    with open(report, encoding="utf-8") as f:
        return json.load(f), run.stdout, answers


def play(options, number, checks, directory):
    """One round. Returns how many requests were made."""
    seed = options.seed + number
    home = os.path.join(directory, str(number))
    document = os.path.join(home, "openapi.json")
    os.mkdir(home)
    daemon = Daemon(options.daemon, home, chunk=512 * KIB, auth="token")
    try:
        known = fill(daemon)
        fetch_document(daemon, checks, document)
        described, streams = operations(document)
        report, said, answers = schemathesis(daemon, home, document, streams, known, seed, options)
        for operation in described:
            counts = sorted(answers[operation].items())
            print(f"     {operation}: {', '.join(f'{count} x {status}' for status, count in counts)}")
        requests = sum(sum(counts.values()) for counts in answers.values())
        findings = report["failures"] + report["errors"]
        checks.check(f"seed {seed}: {requests} requests are answered as described",
                     report["complete"] and not findings, f"{len(findings)} findings\n{said}")
        refused = [operation for operation in described if min(answers[operation], default=999) >= 300]
        checks.equal(f"seed {seed}: each operation succeeds now and then", [], refused)
        checks.check(f"seed {seed}: the daemon is well", daemon.is_healthy(), daemon.last_log_lines())
        return requests
    finally:
        checks.equal(f"seed {seed}: the daemon ends with status 0 on SIGTERM", 0, daemon.stop())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--daemon", required=True, help="the cinderblockd to test")
    parser.add_argument("--cases", type=int, default=1000, help="requests to make, at least (1000)")
    parser.add_argument("--examples", type=int, default=20, help="random ones for each operation in a round (20)")
    parser.add_argument("--seed", type=int, default=random.randrange(2**31))
    parser.add_argument("--keep", action="store_true", help="leave the temporary directory")
    options = parser.parse_args()

    # Image files of any size are sparse, but a backup of one takes memory on disk that goes with its length.
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, resource.RLIM_INFINITY))
    checks, cases, number = Checks(), 0, 0
    print(f"     seed {options.seed}")
    with scratch_directory("conformance", options.keep) as directory:
        while cases < options.cases and not checks.failed:
            cases += play(options, number, checks, directory)
            number += 1
    print(checks.summary())
    return checks.exit_status


if __name__ == "__main__":
    sys.exit(main())
