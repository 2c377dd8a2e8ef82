# SPDX-License-Identifier: Apache-2.0
"""Records: exported by the clients, and imported by a daemon that knows nothing but a copy of the repository."""
import base64
import json
import os
import shutil

from client_programs import Programs
from client_scenario import Scenario
from daemon import Daemon

SERVICE = "cinder.backup.drivers.posix.PosixBackupDriver"


class Records(Scenario):
    def run(self):
        full = self.make("full1")
        then = self.copy_of_image("then")
        self.change_image(5000, b"y" * 100000)
        child = self.make("child", incremental=True)

        exported = self.cinder("backup-export", full).shows(backup_service=SERVICE)
        urls = {full: exported.fields["backup_url"]}
        self.openstack("volume", "backup", "record", "export", "child").shows(**{"Backup Service": SERVICE})
        shown = self.openstack("volume", "backup", "record", "export", "child", "-f", "json")
        urls[child] = json.loads(shown.out)["backup_url"]
        for backup, url in urls.items():
            self.checks.equal("the record is the backup's", backup, json.loads(base64.b64decode(url))["id"])
        self.cinder("backup-export", "44444444-4444-4444-8444-444444444444", fails="(HTTP 404)")

        self.cinder("backup-import", SERVICE, urls[full], fails="(HTTP 400)")  # it is there already
        self.cinder("backup-import", SERVICE, "eyJpZCI6IDF9", fails="The backup record cannot be imported")
        self.cinder("backup-import", "cinder.backup.drivers.ceph.CephBackupDriver", urls[full], fails="(HTTP 400)")
        self.client_bug()
        self.checks.equal("what is refused imports nothing", sorted(urls), sorted(self.backups()))
        self.elsewhere(urls, {full: then, child: self.image})

    def client_bug(self):
        """openstacksdk 4.22.0 sends it to export_record, with the path in place of the argument."""
        self.openstack("volume", "backup", "record", "import", SERVICE, "eyJpZCI6IDF9", fails="export_record")
        self.daemon.request("GET", "/healthz")

    def elsewhere(self, urls, images):
        directory = os.path.join(self.daemon.directory, "other")
        os.mkdir(directory)
        shutil.copytree(self.daemon.repository, os.path.join(directory, "backups"))
        other = Daemon(self.daemon.binary, directory, auth="token")
        try:
            cinder = Programs(self.directory, other, self.checks).cinder
            for backup, url in reversed(urls.items()):  # the child first
                cinder("backup-import", SERVICE, url).shows(id=backup)
                self.checks.equal("backup-import: the record", self.backup(backup)["name"],
                                  other.finished_backup(backup)["name"])
            for backup, image in images.items():
                self.checks.same("backup-import: it restores byte for byte", image, other.restore(backup))
            shown = other.request("GET", f"/backups/{list(urls)[-1]}")["backup"]
            self.checks.equal("backup-import: the chain", [list(urls)[0], True],
                              [shown["parent_id"], shown["is_incremental"]])
        finally:
            self.checks.equal("the other daemon ends with 0", 0, other.stop())
