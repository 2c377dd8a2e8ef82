# SPDX-License-Identifier: Apache-2.0
"""What the daemon has beside Cinder, or does in its own way: tokens, volumes, sizes, progress."""
import os

from client_rules import RawRequests
from daemon import GIB, MIB

OTHER = "33333333-3333-4333-8333-333333333333"


class OwnRules(RawRequests):
    def run(self):
        self.tokens()
        self.registration()
        self.owned_volumes()
        self.sizes()
        self.progress()

    def tokens(self):
        token = self.daemon.token
        for name, value, status in (
                ("X-Auth-Token", token, 200), ("X-Auth-Token", token + ":p", 200),
                ("Authorization", f"Bearer {token}", 200), ("Authorization", f"bearer {token}", 200),
                ("X-Auth-Token", token + "x", 401), ("X-Auth-Token", token[:-1], 401), ("X-Auth-Token", "", 401),
                ("Authorization", f"Basic {token}", 401)):
            headers = {"X-Auth-Token": "", name: value}
            answer = self.daemon.answer("GET", "/backups", headers=headers)
            self.checks.equal(f"{name}: {value.replace(token, 'TOKEN')}", status, answer.status)
        for path in ("/", "/v3", "/v3/", "/healthz"):
            answer = self.daemon.answer("GET", path, headers={"X-Auth-Token": ""})
            self.checks.equal(f"GET {path} without a token", 200, answer.status)
        answer = self.daemon.answer("GET", "/backups", headers={"X-Auth-Token": ""}, over_unix=True)
        self.checks.equal("the unix socket wants none", 200, answer.status)
        mode = os.stat(os.path.join(self.daemon.directory, "state", "token")).st_mode & 0o777
        self.checks.equal("only its owner reads the token", 0o600, mode)

    def register(self, status, source, reason=None, **members):
        body = {"volume": {"name": "n", "ref": {"source-name": source}, **members}}
        return self.ask(status, "POST", "/manageable_volumes", body, reason=reason)

    def registration(self):
        image = self.new_image("other")
        self.register(400, self.image, "source_registered", id=OTHER)
        self.register(400, "/etc/hostname", "path_not_allowed")
        self.register(400, os.path.join(self.daemon.images, "..", "backups", "x"), "bad_source")
        self.register(400, "relative", "bad_value")
        self.register(400, os.path.join(self.daemon.images, "nothing"), "bad_source")
        self.register(400, self.daemon.images, "path_not_allowed")
        os.mkdir(os.path.join(self.daemon.images, "directory"))
        self.register(400, os.path.join(self.daemon.images, "directory"), "bad_source")
        link = os.path.join(self.daemon.images, "link")
        os.symlink(image, link)
        self.register(400, link, "bad_source")
        self.register(400, image, "unsupported_member", bootable=True)

        made = self.register(202, image, id=OTHER, host="h", volume_type="t", availability_zone="z",
                             description=" d ", metadata={"k": "v"}, bootable=False)["volume"]
        self.has("a registered volume", made, id=OTHER, source=image, size_bytes=os.path.getsize(image), size=1,
                 status="available", description="d", metadata={"k": "v"}, volume_type="t", availability_zone="z")
        moved = self.register(202, self.new_image("moved"), id=OTHER)["volume"]
        self.has("a volume that is registered again", moved, id=OTHER, source=os.path.join(self.daemon.images, "moved"),
                 description="d", metadata={"k": "v"}, volume_type="t")
        self.ask(400, "DELETE", f"/volumes/{OTHER}", reason="volume_not_owned")
        self.ask(202, "POST", f"/volumes/{OTHER}/action", {"os-unmanage": {}})
        self.ask(404, "GET", f"/volumes/{OTHER}", reason="volume_not_found")
        self.checks.check("an unmanaged volume keeps its data", os.path.exists(image))

    def owned_volumes(self):
        for member in ("snapshot_id", "imageRef", "source_volid", "consistencygroup_id"):
            self.ask(400, "POST", "/volumes", {"volume": {"size": 1, member: OTHER}}, reason="unsupported_member")
        nothing = {"snapshot_id": None, "imageRef": "", "source_volid": None, "multiattach": False, "metadata": None}
        made = self.ask(202, "POST", "/volumes", {"volume": {"size": "1", "name": "v", **nothing}})["volume"]
        self.ask(400, "POST", f"/volumes/{made['id']}/action", {"os-unmanage": {}}, reason="volume_owned")
        self.register(400, self.new_image("taken"), "volume_exists", id=made["id"])
        self.ask(202, "DELETE", f"/volumes/{made['id']}?cascade=False&force=True")
        self.checks.check("a deleted volume's file is gone", not os.path.exists(made["source"]))

    def sizes(self):
        image = os.path.join(self.daemon.images, "large")
        with open(image, "wb") as f:
            f.write(b"x" * MIB)
            f.truncate(GIB + 1)
        volume = self.daemon.manage(image)
        self.has("a byte more than a GiB", self.volume(volume), size=2, size_bytes=GIB + 1)
        backup = self.daemon.backup(volume)
        self.has("its backup", backup, size=2, size_bytes=GIB + 1)
        body = {"volume": {"size": 1, "backup_id": backup["id"]}}
        self.ask(400, "POST", "/volumes", body, reason="size_too_small")
        body["volume"]["size"] = 2
        made = self.ask(202, "POST", "/volumes", body)["volume"]["id"]
        restored = self.is_restored("the backup's size is its exact length", made, image)
        self.has("the restored volume", restored, size=2, size_bytes=GIB + 1)

    def progress(self):
        backup = self.make("done")
        progress = self.backup(backup)["progress"]
        size = os.path.getsize(self.image)
        self.has("the progress of a backup that is done", progress, phase="done", percent=100, bytes_done=size,
                 bytes_total=size, eta_seconds=None)
        self.checks.equal("its objects", self.backup(backup)["object_count"], progress["objects"])
