# SPDX-License-Identifier: Apache-2.0
"""Backups: made, shown, changed and deleted by the clients."""
import fcntl
import os

from client_scenario import Scenario

SNAPSHOT = "22222222-2222-4222-8222-222222222222"


class CinderCreates(Scenario):
    def run(self):
        volume, cinder = self.VOLUME, self.cinder
        first = cinder("backup-create", volume).shows(volume_id=volume, name="None", is_incremental="False")
        self.is_complete("backup-create", first.id, name=None, description=None, is_incremental=False)

        named = cinder("backup-create", "--name", "full1", "--description", "d e", "--container", "cont", volume)
        named.shows(name="full1", description="d e", container="cont")
        self.is_complete("backup-create --container", named.id, name="full1", description="d e", container="cont")

        before = self.copy_of_image("before")
        self.change_image(70000)
        child = cinder("backup-create", "--incremental", "--force", "--name", "inc1", volume)
        child.shows(is_incremental="True", parent_id=named.id)
        self.is_complete("backup-create --incremental", child.id, is_incremental=True, parent_id=named.id,
                         object_count=1)
        self.has("its parent", self.backup(named.id), has_dependent_backups=True)
        self.restores("its parent", named.id, before)

        known = self.backups()
        cinder("backup-create", "--snapshot-id", SNAPSHOT, "--metadata", "k=v", "--availability-zone", "nova", volume,
               fails='"backup.snapshot_id" is not supported')
        self.checks.equal("backup-create --snapshot-id: no backup is made", known, self.backups())

        details = cinder("backup-create", "--metadata", "k=v", "--availability-zone", "here", volume)
        self.is_complete("backup-create --metadata", details.id, metadata={"k": "v"}, availability_zone="here")
        oldest = cinder("backup-create", "--name", "old", volume, options=["--os-volume-api-version", "3.0"])
        self.is_complete("backup-create with version 3.0", oldest.id, name="old")
        by_name = cinder("backup-create", "vol1").shows(volume_id=volume)
        self.is_complete("backup-create of a name", by_name.id, volume_id=volume)

        with open(self.image, "r+b") as f:
            fcntl.lockf(f, fcntl.LOCK_EX)
            cinder("show", volume).shows(status="in-use")
            cinder("backup-create", volume, fails="Backing up an in-use volume must use the force flag.")
            forced = cinder("backup-create", "--force", volume)
            self.daemon.finished_backup(forced.id)
        self.is_complete("backup-create --force of a volume in use", forced.id)

        cinder("backup-create", "nosuch", fails="No volume with a name or ID of 'nosuch' exists.")
        self.daemon.manage(self.new_image("other"), "33333333-3333-4333-8333-333333333333")
        cinder("backup-create", "--incremental", "other",
               fails="Invalid backup: No backups available to do an incremental backup. (HTTP 400)")
        cinder("backup-create", "--name", "n" * 256, volume, fails="(HTTP 400)")
        cinder("backup-create", "--container", "../outside", volume, fails="(HTTP 400)")
        self.checks.check("nothing is written outside the repository",
                          not os.path.exists(os.path.join(self.daemon.directory, "outside")))


class OpenStackCreates(Scenario):
    def run(self):
        volume, openstack = self.VOLUME, self.openstack
        first = openstack("volume", "backup", "create", "--name", "o1", volume).shows(name="o1", volume_id=volume)
        self.is_complete("backup create", first.id, name="o1", is_incremental=False)
        self.change_image(100000)
        child = openstack("volume", "backup", "create", "--name", "o2", "--description", "dd", "--container", "cc",
                          "--incremental", "--force", "--property", "a=b", volume).shows(name="o2")
        self.is_complete("backup create --incremental", child.id, parent_id=first.id, container="cc",
                         description="dd", metadata={"a": "b"}, is_incremental=True)
        full = openstack("volume", "backup", "create", "--no-incremental", "--name", "o3", "vol1").shows(name="o3")
        self.is_complete("backup create --no-incremental", full.id, is_incremental=False, volume_id=volume)
        older = openstack("volume", "backup", "create", "--name", "o9", "vol1",
                          options=["--os-volume-api-version", "3.47"]).shows(name="o9")
        self.is_complete("backup create with version 3.47", older.id, name="o9")

        known = self.backups()
        openstack("volume", "backup", "create", "--snapshot", SNAPSHOT, volume, fails="snapshots")
        openstack("volume", "backup", "create", "nosuch", fails="No Volume found for nosuch")
        self.checks.equal("what is refused makes no backup", known, self.backups())


class CinderChanges(Scenario):
    def run(self):
        cinder, full = self.cinder, self.make("full1")
        cinder("backup-show", full).shows(id=full, name="full1", status="available", volume_id=self.VOLUME)
        cinder("backup-show", "full1").shows(id=full)
        cinder("backup-show", "nosuch", fails="No volumebackup with a name or ID of 'nosuch' exists.")

        cinder("backup-update", "--name", "renamed", "--description", "new", full).says("has been accepted")
        self.has("backup-update", self.backup(full), name="renamed", description="new")
        cinder("backup-update", "--metadata", "k=v", "renamed")
        self.has("backup-update --metadata", self.backup(full), name="renamed", metadata={"k": "v"})

        cinder("backup-reset-state", "--state", "error", full).says("has been accepted")
        self.has("backup-reset-state", self.backup(full), status="error")
        cinder("backup-restore", full, fails="(HTTP 400)")
        cinder("reset-state", "--type", "backup", "--state", "available", full)
        self.has("reset-state --type backup", self.backup(full), status="available")

        child = self.make("child", incremental=True)
        places = {backup: self.place(backup) for backup in (full, child)}
        cinder("backup-delete", full, fails="Incremental backups exist for this backup.")
        cinder("backup-delete", "--force", full, fails="Incremental backups exist for this backup.")
        self.restores("a backup that may not be deleted", full)
        cinder("backup-delete", "--force", child).says("has been accepted")
        self.is_deleted("backup-delete --force", child, places[child])
        cinder("backup-delete", "renamed").says("has been accepted")
        self.is_deleted("backup-delete of a name", full, places[full])
        cinder("backup-delete", full, fails="exists")


class OpenStackChanges(Scenario):
    def run(self):
        openstack, full = self.openstack, self.make("o1")
        show = ("volume", "backup", "show")
        openstack(*show, "o1").shows(id=full, name="o1", status="available", is_incremental="False")
        openstack(*show, full).shows(id=full, volume_id=self.VOLUME)
        openstack(*show, "o1", "-f", "json").says(f'"id": "{full}"')
        openstack(*show, "nosuch", fails="No Backup found for nosuch")

        openstack("volume", "backup", "set", "--name", "o1b", "--property", "x=y", "o1").is_silent()
        self.has("backup set", self.backup(full), name="o1b", metadata={"x": "y"})
        openstack("volume", "backup", "set", "--description", "why", full).is_silent()
        self.has("backup set --description", self.backup(full), description="why", name="o1b")
        openstack("volume", "backup", "set", "--state", "error", "o1b").is_silent()
        self.has("backup set --state", self.backup(full), status="error")
        openstack("volume", "backup", "set", "--state", "available", "o1b").is_silent()
        self.has("backup set --state available", self.backup(full), status="available")
        # A bug of the client: it asks to remove the properties that are to stay, at a path that Cinder does not have.
        openstack("volume", "backup", "unset", "--property", "x", "o1b").is_silent()
        self.has("backup unset (client bug) changes nothing", self.backup(full), metadata={"x": "y"})
        openstack("volume", "backup", "set", "--property", "z=w", "o1b").is_silent()
        self.has("backup set --property adds one", self.backup(full), metadata={"x": "y", "z": "w"})
        openstack("volume", "backup", "unset", "--property", "x", "o1b", fails="404")
        self.has("backup unset (client bug) fails", self.backup(full), metadata={"x": "y", "z": "w"})
        openstack("volume", "backup", "set", "--no-property", "o1b").is_silent()
        self.has("backup set --no-property", self.backup(full), metadata={})

        child = self.make("o2", incremental=True)
        places = {backup: self.place(backup) for backup in (full, child)}
        openstack("volume", "backup", "delete", "o1b", fails="Incremental backups exist for this backup.")
        openstack("volume", "backup", "delete", "o2").is_silent()
        self.is_deleted("backup delete", child, places[child])
        openstack("volume", "backup", "delete", "--force", "o1b").is_silent()
        self.is_deleted("backup delete --force", full, places[full])
        openstack("volume", "backup", "delete", "o1b", fails="No Backup found for o1b")
