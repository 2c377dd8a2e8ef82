# SPDX-License-Identifier: Apache-2.0
"""Restores, to new and to existing volumes."""
import os

from client_scenario import Scenario
from daemon import MIB


class Restores(Scenario):
    def run(self):
        self.full = self.make("full1")
        self.then = self.copy_of_image("then")
        self.change_image(40000, b"x" * 200000)
        self.last = self.make("o2", incremental=True)
        self.now = self.copy_of_image("now")
        self.cinder_to_new()
        self.cinder_to_existing()
        self.openstack_restores()

    def cinder_to_new(self):
        name = f"restore_backup_{self.full}"
        done = self.cinder("backup-restore", self.full).shows(backup_id=self.full, volume_name=name)
        volume = self.is_restored("backup-restore", done.fields["volume_id"], self.then)
        # As in Cinder, a volume that nobody has named gets the name that was backed up.
        self.has("backup-restore", volume, name="vol1")
        self.daemon.request("DELETE", f"/volumes/{volume['id']}")

        done = self.cinder("backup-restore", "--name", "newvol", "o2").shows(volume_name="newvol")
        volume = self.is_restored("backup-restore --name", done.fields["volume_id"], self.now)
        self.has("backup-restore --name", volume, name="newvol", size_bytes=os.path.getsize(self.now))

        done = self.cinder("backup-restore", "--name", "n2", "--volume-type", "t", self.last)
        volume = self.is_restored("backup-restore --volume-type", done.fields["volume_id"], self.now)
        self.has("backup-restore --volume-type", volume, name="n2", volume_type="t", size=1)
        done = self.cinder("backup-restore", "--name", "n3", "--availability-zone", "there", self.last)
        volume = self.is_restored("backup-restore --availability-zone", done.fields["volume_id"], self.now)
        self.has("backup-restore --availability-zone", volume, name="n3", availability_zone="there")

    def cinder_to_existing(self):
        self.cinder("backup-restore", "--volume", self.VOLUME, self.full).shows(volume_id=self.VOLUME)
        self.is_restored("backup-restore --volume", self.VOLUME, self.then)
        self.cinder("backup-restore", "--volume", "vol1", self.last).shows(volume_name="vol1")
        self.is_restored("backup-restore --volume NAME", self.VOLUME, self.now)

        larger = self.new_image("larger", 4 * MIB)
        with open(larger, "rb") as f:
            end = f.read()[os.path.getsize(self.then):]
        self.daemon.manage(larger)
        done = self.cinder("backup-restore", "--volume", "larger", "full1")
        self.daemon.until("the restore ends", lambda: self.volume(done.fields["volume_id"])["status"] == "available")
        with open(larger, "rb") as f, open(self.then, "rb") as expected:
            restored = f.read()
            self.checks.check("backup-restore --volume LARGER: the end stays", restored == expected.read() + end)

        smaller = self.new_image("smaller", 1 * MIB)
        with open(smaller, "rb") as f:
            before = f.read()
        self.daemon.manage(smaller)
        self.cinder("backup-restore", "--volume", "smaller", "full1", fails="(HTTP 400)")
        with open(smaller, "rb") as f:
            self.checks.check("backup-restore --volume SMALLER: not a byte is touched", f.read() == before)

    def openstack_restores(self):
        restore = ("volume", "backup", "restore")
        self.openstack(*restore, "o2", fails="Either of `name` or `volume_id` must be specified.")
        self.openstack(*restore, "o2", "vol1", fails="vol1")
        self.checks.same("backup restore without --force: the volume stays", self.now, self.image)

        done = self.openstack(*restore, "o2", "newvolx").shows(id=self.last, volume_name="newvolx")
        self.is_restored("backup restore", done.fields["volume_id"], self.now)
        self.openstack(*restore, "--force", "full1", "vol1").shows(volume_id=self.VOLUME)
        self.is_restored("backup restore --force", self.VOLUME, self.then)
        self.openstack(*restore, "nosuch", "another", fails="No Backup found for nosuch")
