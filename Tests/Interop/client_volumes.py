# SPDX-License-Identifier: Apache-2.0
"""Volumes: managed, created, listed, shown, renamed, deleted and unmanaged; and the list of services."""
import os

from client_scenario import Scenario
from daemon import GIB


class CinderVolumes(Scenario):
    def run(self):
        cinder, size = self.cinder, os.path.getsize(self.image)
        cinder("list").lists("ID", [self.VOLUME]).lists("Name", ["vol1"])
        cinder("show", self.VOLUME).shows(id=self.VOLUME, status="available", size="1", size_bytes=str(size),
                                          source=self.image)
        cinder("show", "vol1").shows(id=self.VOLUME)
        cinder("show", "nosuch", fails="No volume with a name or ID of 'nosuch' exists.")

        made = cinder("create", "1", "--name", "v2").shows(name="v2", size="1", status="available")
        path = self.is_empty("create", made.id, 1)
        cinder("create", "--name", "no", "--image-id", self.VOLUME, "1", fails='"volume.imageRef" is not supported')
        cinder("rename", "--description", "why", "v2", "v3").is_silent()
        self.has("rename", self.volume(made.id), name="v3", description="why")
        cinder("delete", "v3").says("has been accepted")
        self.daemon.until_gone(f"/volumes/{made.id}")
        self.checks.check("delete: the file is gone", not os.path.exists(path))
        cinder("delete", "vol1", fails="(HTTP 400)")

        reference = self.new_image("reference")
        managed = cinder("manage", "host@be#pool", reference, "--name", "managed", "--id-type", "source-name")
        managed.shows(name="managed", source=reference)
        self.has("manage", self.volume(managed.id), **{"os-vol-host-attr:host": "host@be#pool"})
        backup = self.daemon.backup(managed.id)["id"]
        self.restores("manage: a backup of it", backup, reference)
        cinder("manage", "host@be#pool", reference, "--name", "twice", fails="(HTTP 400)")
        cinder("manage", "host@be#pool", "/etc/hostname", "--name", "outside", fails="(HTTP 400)")
        cinder("manage", "host@be#pool", "reference", "--name", "relative", fails="(HTTP 400)")

        cinder("reset-state", "--state", "available", "managed").is_silent()
        before = self.read(reference)
        cinder("unmanage", "managed").is_silent()
        self.daemon.until_gone(f"/volumes/{managed.id}")
        self.checks.check("unmanage: the data stay", self.read(reference) == before)
        cinder("service-list").lists("Binary", ["cinder-backup"])
        self.metadata()

    def metadata(self):
        """Metadata by themselves, and the lists that are filtered by them and by the rest of what a volume has."""
        cinder = self.cinder

        def has(what, **metadata):
            self.has(what, self.volume(self.VOLUME), metadata=metadata)

        cinder("metadata", "vol1", "set", "a=b", "c=d")
        has("metadata set", a="b", c="d")
        cinder("metadata", "vol1", "unset", "a")
        has("metadata unset", c="d")
        cinder("metadata-show", "vol1").says("c")
        cinder("metadata-update-all", "vol1", "e=f g's")
        has("metadata-update-all", e="f g's")

        other = self.daemon.manage(self.new_image("other"))
        everything = sorted([self.VOLUME, other])
        owner = self.volume(other)["os-vol-tenant-attr:tenant_id"]
        for arguments, expected in (
                (("--metadata", "e=f g's"), [self.VOLUME]), (("--metadata", "e=x"), []),
                (("--bootable", "false"), everything), (("--bootable", "true"), []),
                (("--filters", "availability_zone=nowhere"), []), (("--filters", "size=1"), everything),
                (("--filters", "created_at=gt:2020-01-01T00:00:00"), everything),
                (("--filters", "updated_at=lt:2020-01-01T00:00:00"), []),
                (("--migration_status", "done"), []), (("--group_id", other), []),
                (("--tenant", owner), everything), (("--tenant", "another"), [])):
            listed = cinder("list", *arguments)
            self.checks.equal(f"list {' '.join(arguments)}", expected, sorted(listed.column("ID")))

    def is_empty(self, what, identifier, gibibytes):
        """The path of the volume's file, which is as long as it should be and takes no room."""
        path = self.volume(identifier)["source"]
        status = os.stat(path)
        self.checks.equal(f"{what}: the file's size", gibibytes * GIB, status.st_size)
        self.checks.equal(f"{what}: the file takes no room", 0, status.st_blocks)
        return path

    def read(self, path):
        with open(path, "rb") as f:
            return f.read()


class OpenStackVolumes(CinderVolumes):
    def run(self):
        openstack = self.openstack
        openstack("volume", "list").lists("ID", [self.VOLUME]).lists("Name", ["vol1"])
        openstack("volume", "list", "--name", "vol1", "--status", "available", "--limit", "1").lists("Name", ["vol1"])
        openstack("volume", "show", "vol1").shows(id=self.VOLUME, status="available", size="1")
        openstack("volume", "show", self.VOLUME).shows(name="vol1")
        openstack("volume", "show", "nosuch", fails="No Volume found for nosuch")

        made = openstack("volume", "create", "--size", "2", "--property", "a=b", "ov").shows(name="ov", size="2")
        path = self.is_empty("volume create", made.id, 2)
        self.has("volume create --property", self.volume(made.id), metadata={"a": "b"})
        openstack("volume", "set", "--name", "ow", "--description", "why", "ov").is_silent()
        self.has("volume set", self.volume(made.id), name="ow", description="why")
        openstack("volume", "set", "--property", "c=d", "--property", "e=f", "ow").is_silent()
        self.has("volume set --property", self.volume(made.id), metadata={"a": "b", "c": "d", "e": "f"})
        openstack("volume", "unset", "--property", "a", "ow").is_silent()
        self.has("volume unset --property", self.volume(made.id), metadata={"c": "d", "e": "f"})
        openstack("volume", "list", "--property", "c=d").lists("Name", ["ow"])
        openstack("volume", "list", "--property", "c=x").lists("Name", [])
        openstack("volume", "set", "--no-property", "--property", "g=h", "ow").is_silent()
        self.has("volume set --no-property", self.volume(made.id), metadata={"g": "h"})
        openstack("volume", "delete", "ow").is_silent()
        self.daemon.until_gone(f"/volumes/{made.id}")
        self.checks.check("volume delete: the file is gone", not os.path.exists(path))
        openstack("volume", "delete", "vol1", fails="not deleted")

        backup = self.make("full1")
        copy = openstack("volume", "create", "--size", "1", "--backup", "full1", "copy").shows(name="copy")
        volume = self.is_restored("volume create --backup", copy.id, self.image)
        self.has("volume create --backup", volume, name="copy", size_bytes=os.path.getsize(self.image))
        longer = openstack("volume", "create", "--size", "2", "--backup", backup, "longer").shows(size="2")
        self.daemon.until("the restore ends", lambda: self.volume(longer.id)["status"] == "available")
        self.checks.equal("volume create --backup --size 2: two GiB", 2 * GIB, self.volume(longer.id)["size_bytes"])

        reference = self.new_image("reference")
        managed = openstack("volume", "create", "--host", "h@b#p", "--remote-source", f"source-name={reference}", "mng")
        self.has("volume create --remote-source", self.volume(managed.id), name="mng", source=reference)
        openstack("volume", "create", "--host", "h@b#p", "--remote-source", "source-name=ref", "no", fails="absolute")
        before = self.read(reference)
        openstack("volume", "delete", "--remote", "mng").is_silent()
        self.daemon.until_gone(f"/volumes/{managed.id}")
        self.checks.check("volume delete --remote: the data stay", self.read(reference) == before)
        openstack("volume", "service", "list").lists("Binary", ["cinder-backup"]).lists("State", ["up"])
