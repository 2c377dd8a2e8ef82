# SPDX-License-Identifier: Apache-2.0
"""What the scenarios of clients.py have in common: a daemon, the clients, and ways to see what they have done."""
import base64
import json
import os
import random

from client_programs import Programs
from daemon import KIB, MIB


class Scenario:
    """One daemon with one volume, `vol1`, and what is asked of it. Subclasses have `run`."""

    VOLUME = "11111111-1111-4111-8111-111111111111"
    auth = "token"

    def __init__(self, directory, daemon, checks):
        self.directory, self.daemon, self.checks = directory, daemon, checks
        self.programs = Programs(directory, daemon, checks)
        self.cinder, self.openstack = self.programs.cinder, self.programs.openstack
        self.image = self.new_image("vol1")
        self.daemon.manage(self.image, self.VOLUME)

    def new_image(self, name, size=2 * MIB + 12345):
        """A file in which noise and zeros alternate. Its end is no whole block."""
        path = os.path.join(self.daemon.images, name)
        numbers = random.Random(name)
        with open(path, "wb") as f:
            while f.tell() < size:
                run = min(size - f.tell(), numbers.randrange(1, 400 * KIB))
                f.write(numbers.choice((bytes, numbers.randbytes))(run))
        return path

    def change_image(self, offset, data=b"changed"):
        with open(self.image, "r+b") as f:
            f.seek(offset)
            f.write(data)

    def copy_of_image(self, name):
        copy = os.path.join(self.daemon.directory, name)
        with open(self.image, "rb") as source, open(copy, "wb") as target:
            target.write(source.read())
        return copy

    # What is there

    def backup(self, identifier):
        return self.daemon.request("GET", f"/backups/{identifier}")["backup"]

    def volume(self, identifier):
        return self.daemon.request("GET", f"/volumes/{identifier}")["volume"]

    def backups(self):
        return [backup["id"] for backup in self.daemon.request("GET", "/backups")["backups"]]

    def has(self, what, resource, **members):
        """The resource as the API shows it has these members."""
        self.checks.equal(f"{what}: {', '.join(members)}", members, {key: resource[key] for key in members})

    def make(self, name, incremental=False):
        """A finished backup of vol1, not made by a client."""
        body = {"volume_id": self.VOLUME, "name": name, "incremental": incremental}
        made = self.daemon.request("POST", "/backups", {"backup": body})["backup"]["id"]
        self.daemon.finished_backup(made)
        return made

    def place(self, identifier):
        """The container and the prefix of a backup's objects."""
        record = json.loads(base64.b64decode(self.daemon.export_url(identifier)))
        return record["container"], record["service_metadata"]

    def is_complete(self, what, identifier, image=None, **members):
        """The backup becomes available, all its objects are in the repository, and it restores byte for byte."""
        backup = self.daemon.finished_backup(identifier)
        if members:
            self.has(what, backup, **members)
        container, prefix = self.place(identifier)
        with open(os.path.join(self.daemon.repository, container, prefix + "_metadata"), encoding="utf-8") as f:
            objects = [name for entry in json.load(f)["objects"] for name in entry]
        self.checks.equal(f"{what}: its objects are in the repository",
                          sorted([*objects, prefix + "_metadata", prefix + "_sha256file"]),
                          self.daemon.stored_files(container, prefix))
        self.checks.equal(f"{what}: object_count", len(objects), backup["object_count"])
        self.restores(what, identifier, image)

    def restores(self, what, identifier, image=None):
        """To a new volume, which is deleted again."""
        path = self.daemon.restore(identifier)
        self.checks.same(f"{what}: restores byte for byte", image or self.image, path)
        self.daemon.request("DELETE", "/volumes/" + os.path.basename(path).removeprefix("volume-"))

    def is_restored(self, what, volume, image):
        """The restore to this volume ends well, and with the image's bytes. Returns the volume."""
        def finished():
            shown = self.volume(volume)
            return shown if shown["status"] in ("available", "error_restoring") else None
        shown = self.daemon.until(f"the restore to {volume} ends", finished)
        self.checks.equal(f"{what}: the volume is available", "available", shown["status"])
        self.checks.same(f"{what}: the volume has the bytes", image, shown["source"])
        return shown

    def is_deleted(self, what, identifier, place):
        self.daemon.until_gone(f"/backups/{identifier}")
        self.checks.equal(f"{what}: no object is left", [], self.daemon.stored_files(*place))
