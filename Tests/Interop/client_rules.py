# SPDX-License-Identifier: Apache-2.0
"""What Cinder's server checks, with requests that no client sends."""
import os
import re

from client_scenario import Scenario
from daemon import GIB

UNKNOWN = "44444444-4444-4444-8444-444444444444"
KEYS = {400: "badRequest", 401: "unauthorized", 404: "itemNotFound", 405: "badMethod", 406: "computeFault",
        415: "badMediaType"}


class RawRequests(Scenario):
    """Requests one by one, each with its status, and errors with their shape."""

    def ask(self, status, method, path, body=None, says="", reason=None, headers=None):
        """One request whose answer has this status and, where it is an error, Cinder's shape. Returns its JSON."""
        answer = self.daemon.answer(method, "/v3/p" + path, body, headers)
        what = f"{method} {path} {body or ''} {headers or ''}"[:150]
        self.checks.equal(f"{what}: status", status, answer.status)
        identifier = answer.headers.get("x-openstack-request-id", "")
        self.checks.check(f"{what}: has a request id", re.fullmatch("req-[0-9a-f-]{36}", identifier), identifier)
        self.checks.equal(f"{what}: Vary", "OpenStack-API-Version", answer.headers.get("Vary"))
        if status >= 400:
            error = (answer.json or {}).get(KEYS[status], {})
            self.checks.equal(f"{what}: code", status, error.get("code"))
            self.checks.check(f"{what}: message", says in error.get("message", ""), f"{says!r} not in {answer.data}")
            self.checks.check(f"{what}: reason", re.fullmatch("[a-z_0-9]+", error.get("reason", "")) and
                              reason in (None, error["reason"]), f"{answer.data}, not {reason}")
        return answer.json


class Rules(RawRequests):
    def run(self):
        self.full = self.make("full1")
        self.creation()
        self.changes()
        self.lists()
        self.versions()
        self.parents()
        self.restores_and_records()
        self.everything_else()

    def refused(self, body, says="", reason=None):
        self.ask(400, "POST", "/backups", {"backup": {"volume_id": self.VOLUME, **body}}, says, reason)

    def taken(self, body, **shown):
        made = self.ask(202, "POST", "/backups", {"backup": {"volume_id": self.VOLUME, **body}})["backup"]
        self.has(f"a backup of {body}"[:100], self.daemon.finished_backup(made["id"]), **shown)
        return made["id"]

    def creation(self):
        self.ask(400, "POST", "/backups", {}, '"backup" is required', "missing_member")
        self.ask(400, "POST", "/backups", {"backup": {}}, '"backup.volume_id" is required', "missing_member")
        self.ask(400, "POST", "/backups", {"backup": {"volume_id": "vol1"}}, "a UUID")
        self.ask(400, "POST", "/backups", {"backup": {"volume_id": self.VOLUME}, "x": 1}, '"x" is', "unknown_member")
        self.ask(404, "POST", "/backups", {"backup": {"volume_id": UNKNOWN}}, UNKNOWN, "volume_not_found")
        self.refused({"colour": "red"}, '"backup.colour" is unknown', "unknown_member")
        for member in ("name", "description", "container"):
            self.refused({member: "n" * 256}, "longer than 255 characters", "too_long")
            self.refused({member: 7}, "a string", "wrong_type")
        for member in ("name", "description"):
            self.taken({member: "ü" * 255}, **{member: "ü" * 255})
        self.taken({"name": " \t a b  ", "description": "\n d "}, name="a b", description="d")
        self.taken({"name": None, "description": None, "container": None, "snapshot_id": None}, name=None)
        self.refused({"snapshot_id": UNKNOWN}, "snapshot_id", "unsupported_member")
        for spelling in ("true", "True", "1", "ON", "yes", "y", "t"):
            self.taken({"incremental": spelling}, is_incremental=True)
        for spelling in ("false", "FALSE", "0", "off", "No", "n", "f", False):
            self.taken({"incremental": spelling, "force": spelling}, is_incremental=False)
        self.refused({"incremental": "maybe"}, "a boolean", "wrong_type")
        self.refused({"force": []}, "a boolean", "wrong_type")
        self.refused({"metadata": {"k": "v" * 256}}, "longer than 255 characters", "too_long")
        self.refused({"metadata": {"k": 1}}, "a string", "wrong_type")

    def changes(self):
        path = f"/backups/{self.full}"
        self.ask(400, "PUT", path, {"backup": {}}, reason="nothing_to_change")
        self.ask(400, "PUT", path, {"backup": {"status": "error"}}, reason="unknown_member")
        self.ask(200, "PUT", path, {"backup": {"name": "  full1 "}})
        self.has("PUT", self.backup(self.full), name="full1")
        self.ask(404, "PUT", f"/backups/{UNKNOWN}", {"backup": {"name": "x"}}, reason="backup_not_found")
        reset = {"os-reset_status": {"status": "ERROR"}}
        self.ask(202, "POST", path + "/action", reset)
        self.has("os-reset_status", self.backup(self.full), status="error")
        self.ask(400, "GET", path + "/export_record", None, "Backup status must be available", "invalid_status")
        self.ask(400, "POST", path + "/restore", {"restore": None}, "Backup status must be available", "invalid_status")
        reset["os-reset_status"]["status"] = "Available"
        self.ask(202, "POST", path + "/action", reset)
        reset["os-reset_status"]["status"] = "fine"
        self.ask(400, "POST", path + "/action", reset, reason="bad_value")
        self.ask(400, "POST", path + "/action", {"os-nothing": None}, reason="unknown_action")

    def lists(self):
        for query in ("limit=-1", "limit=x", "offset=-1", "sort=created_at&sort_key=name", "sort=colour",
                      "sort=name:up", "all_tenants=maybe", "with_count=maybe"):
            self.ask(400, "GET", f"/backups?{query}", reason="bad_parameter")
        everything = self.ask(200, "GET", "/backups?limit=5000")["backups"]
        self.checks.equal("limit=0", {"backups": []}, self.ask(200, "GET", "/backups?limit=0"))
        self.ask(404, "GET", f"/backups?marker={UNKNOWN}", reason="backup_not_found")
        self.checks.equal("a full last page has a link", True,
                          "backups_links" in self.ask(200, "GET", f"/backups?limit={len(everything)}"))
        self.checks.equal("a page that is not full has none", False,
                          "backups_links" in self.ask(200, "GET", f"/backups?limit={len(everything) + 1}"))
        self.checks.equal("offset", everything[2:], self.ask(200, "GET", "/backups?offset=2")["backups"])
        shown = self.ask(200, "GET", "/backups/detail")["backups"]
        self.checks.equal("the newest come first", sorted((one["created_at"] for one in shown), reverse=True),
                          [one["created_at"] for one in shown])
        self.checks.equal("the short list", {"id", "name", "links"}, set(everything[0]))

    def versions(self):
        def ask(status, version, query, reason=None):
            return self.ask(status, "GET", f"/backups?{query}", reason=reason,
                            headers={"OpenStack-API-Version": f"volume {version}"})

        for version in ("3.0", "3.45", "3.71", "latest"):
            answer = self.daemon.answer("GET", "/v3/backups", headers={"OpenStack-API-Version": f"volume {version}"})
            self.checks.equal(f"volume {version}: the answer's version", f"volume {version.replace('latest', '3.71')}",
                              answer.headers["OpenStack-API-Version"])
        ask(406, "3.72", "", "unsupported_version")
        ask(406, "4.0", "", "unsupported_version")
        ask(400, "3.x", "", "malformed_version")
        everything = self.ask(200, "GET", "/backups")["backups"]
        self.checks.equal("before 3.31 unknown filters are dropped", everything,
                          ask(200, "3.30", "colour=x")["backups"])
        ask(400, "3.31", "colour=x", "unknown_parameter")
        ask(400, "3.33", "name~=ull", "unknown_parameter")
        self.checks.equal("3.34: name~", [self.full], [one["id"] for one in ask(200, "3.34", "name~=ull")["backups"]])
        ask(400, "3.36", "sort=name", "bad_parameter")
        ask(200, "3.37", "sort=name")

    def parents(self):
        """An increment is made on the newest backup that is available."""
        last = self.taken({"name": "last"}, is_incremental=False)
        before = self.ask(200, "GET", "/backups?limit=2")["backups"][1]["id"]
        self.ask(202, "POST", f"/backups/{last}/action", {"os-reset_status": {"status": "error"}})
        self.taken({"incremental": True}, parent_id=before)
        self.ask(202, "POST", f"/backups/{last}/action", {"os-reset_status": {"status": "available"}})
        other = self.daemon.manage(self.new_image("other"))
        self.ask(400, "POST", "/backups", {"backup": {"volume_id": other, "incremental": True}},
                 "No backups available to do an incremental backup.", "no_parent")
        self.ask(400, "DELETE", f"/backups/{before}", None, "Incremental backups exist for this backup.",
                 "has_dependent_backups")
        self.ask(400, "POST", f"/backups/{before}/action", {"os-force_delete": None},
                 "Incremental backups exist for this backup.", "has_dependent_backups")

    def restores_and_records(self):
        path = f"/backups/{self.full}"
        self.ask(400, "POST", path + "/restore", {}, '"restore" is required', "missing_member")
        self.ask(400, "POST", path + "/restore", {"restore": {"colour": "red"}}, reason="unknown_member")
        self.ask(404, "POST", path + "/restore", {"restore": {"volume_id": UNKNOWN}}, reason="volume_not_found")
        for body in (None, {}, {"name": None, "volume_id": None}):
            done = self.ask(202, "POST", path + "/restore", {"restore": body})["restore"]
            self.checks.equal("restore: the new volume's name", f"restore_backup_{self.full}", done["volume_name"])
            self.is_restored(f"restore {body}", done["volume_id"], self.image)
            self.daemon.finished_backup(self.full)
        self.ask(400, "POST", "/volumes", {"volume": {"size": 0}}, reason="bad_value")
        larger = self.ask(202, "POST", "/volumes", {"volume": {"size": 2, "backup_id": self.full}})["volume"]["id"]
        self.daemon.until("it is restored", lambda: self.volume(larger)["status"] == "available")
        self.checks.equal("a larger volume", 2 * GIB, os.path.getsize(self.volume(larger)["source"]))

        record = self.ask(200, "GET", path + "/export_record")["backup-record"]
        self.ask(400, "POST", "/backups/import_record", {"backup-record": record}, reason="backup_exists")
        self.ask(400, "POST", "/backups/import_record", {"backup-record": {**record, "x": 1}}, reason="unknown_member")
        record["backup_url"] = "not base64!"
        self.ask(400, "POST", "/backups/import_record", {"backup-record": record}, reason="bad_record")

    def everything_else(self):
        self.ask(404, "GET", "/nothing", reason="not_found")
        self.ask(404, "GET", "", reason="not_found")  # a project by itself
        self.ask(405, "PATCH", "/backups", {}, reason="method_not_allowed")
        self.ask(415, "POST", "/backups", b"<a/>", headers={"Content-Type": "text/xml"})
        self.ask(400, "POST", "/backups", b"{", reason="malformed_body")
        self.ask(400, "POST", "/backups", b"", reason="missing_body")
        self.ask(401, "GET", "/backups", reason="unauthorized", headers={"X-Auth-Token": "wrong"})
        for path in ("/backups", "/v3/backups", "/v3/any/backups/"):
            self.checks.equal(f"GET {path}: the same everywhere", 200, self.daemon.answer("GET", path).status)
