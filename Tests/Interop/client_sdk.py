# SPDX-License-Identifier: Apache-2.0
"""openstacksdk's Python API, without a command around it."""
import os
import warnings

from client_scenario import Scenario


class SDK(Scenario):
    def run(self):
        import openstack
        from keystoneauth1 import session, token_endpoint
        from openstack import exceptions

        warnings.simplefilter("ignore")
        endpoint = self.programs.endpoint
        login = token_endpoint.Token(endpoint, self.daemon.token)
        cloud = openstack.connection.Connection(
            session=session.Session(auth=login), block_storage_endpoint_override=endpoint,
            block_storage_api_version="3", region_name="none")
        storage, equal = cloud.block_storage, self.checks.equal

        made = storage.create_backup(volume_id=self.VOLUME, name="sdk", metadata={"k": "v"})
        made = storage.wait_for_status(made, "available", failures=["error"], interval=0.1, wait=60)
        self.is_complete("create_backup", made.id, name="sdk", metadata={"k": "v"})
        self.change_image(1000)
        child = storage.create_backup(volume_id=self.VOLUME, name="child", is_incremental=True, force=True)
        child = storage.wait_for_status(child, "available", failures=["error"], interval=0.1, wait=60)
        equal("create_backup(is_incremental)", True, child.is_incremental)
        self.is_complete("create_backup(is_incremental)", child.id, parent_id=made.id)

        equal("backups", [child.id, made.id], [backup.id for backup in storage.backups(details=True, limit=1)])
        equal("backups(details=False)", ["child", "sdk"], [backup.name for backup in storage.backups(details=False)])
        equal("find_backup", made.id, storage.find_backup("sdk").id)
        equal("get_backup", "sdk", storage.get_backup(made.id).name)
        storage.update_backup(made.id, name="renamed")
        equal("update_backup", "renamed", self.backup(made.id)["name"])
        storage.reset_backup_status(child, "error")
        equal("reset_backup_status", "error", self.backup(child.id)["status"])
        storage.reset_backup_status(child, "available")

        storage.restore_backup(child, name="again")
        restored = storage.wait_for_status(storage.find_volume("again"), "available", failures=["error_restoring"],
                                           interval=0.1, wait=60)
        self.is_restored("restore_backup", restored.id, self.image)
        storage.restore_backup(child, volume_id=self.VOLUME)
        self.is_restored("restore_backup(volume_id)", self.VOLUME, self.image)

        record = storage.export_backup(made)["backup-record"]
        equal("export_backup", self.daemon.export_url(made.id), record["backup_url"])
        try:  # the client's bug, see client_records.py
            storage.import_backup(record["backup_service"], record["backup_url"])
            self.checks.check("import_backup (client bug) fails", False, "it worked")
        except exceptions.NotFoundException as error:
            self.checks.check("import_backup (client bug) fails", "export_record" in str(error), error)
        try:
            storage.create_backup(volume_id=self.VOLUME, name="n" * 256)
            self.checks.check("a name that is too long is refused", False, "it was taken")
        except exceptions.BadRequestException as error:
            self.checks.check("a name that is too long is refused", "longer than 255 characters" in str(error), error)

        volume = storage.create_volume(size=1, name="new")
        equal("create_volume", 2**30, os.path.getsize(self.volume(volume.id)["source"]))
        equal("volumes", sorted(["vol1", "again", "new"]), sorted(found.name for found in storage.volumes()))
        storage.delete_volume(volume)
        self.daemon.until_gone(f"/volumes/{volume.id}")

        places = {backup: self.place(backup) for backup in (made.id, child.id)}
        storage.delete_backup(child)
        self.is_deleted("delete_backup", child.id, places[child.id])
        storage.wait_for_delete(child, interval=0.1, wait=60)
        storage.delete_backup(made, force=True)
        self.is_deleted("delete_backup(force)", made.id, places[made.id])
