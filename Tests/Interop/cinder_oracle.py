#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Drive the real, unmodified POSIX backup driver of Cinder from a shell.

Real: PosixBackupDriver (and through it ChunkedBackupDriver and
BackupMetadataAPI), objects.Backup with its record encoding, the exceptions and
the options, and the schemas of its API with their validator. Stubbed: the database, a JSON file in its place (--state) that
holds records with Cinder's field names by backup id, and the notifications,
which are dropped.

Needs a Python that has what requirements.txt lists.

    cinder_oracle.py backup  --repo DIR --volume-id UUID --volume-file IMG
                             [--backup-id UUID] [--parent UUID] [--name TEXT]
                             [--chunk-size N] [--sha-block-size N]
                             [--compression none|zlib|bz2|zstd]
    cinder_oracle.py restore --repo DIR --backup-id UUID --out IMG [--keep] [--new-volume]
    cinder_oracle.py delete  --repo DIR --backup-id UUID
    cinder_oracle.py import-record --repo DIR --url BASE64
    cinder_oracle.py export-record --repo DIR --backup-id UUID
    cinder_oracle.py validate --repo DIR --schema MODULE.NAME --body JSON
    cinder_oracle.py serve         one JSON array of arguments per line on stdin

Prints one JSON object per command. Exit status: 0 done, 1 Cinder raised, 2 usage.
"""
import argparse
import datetime
import importlib
import json
import logging
import os
import sys
import uuid
import warnings

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)

USER = "0000000000000000000000000000aaaa"
PROJECT = "0000000000000000000000000000bbbb"
SERVICE = "cinder.backup.drivers.posix.PosixBackupDriver"


class Database:
    """The calls of Cinder's database API that the driver makes."""

    def __init__(self, path, context, objects, models, exception):
        self.path, self.context = path, context
        self.objects, self.models, self.exception = objects, models, exception
        self.volume_name = None
        self.applied = []
        self.records = {}
        if os.path.exists(path):
            with open(path, encoding="utf-8") as f:
                self.records = json.load(f)

    def save(self):
        with open(self.path + ".tmp", "w", encoding="utf-8") as f:
            json.dump(self.records, f, indent=2, sort_keys=True)
        os.replace(self.path + ".tmp", self.path)

    def backup(self, backup_id):
        record = self.records.get(backup_id)
        if record is None:
            raise self.exception.BackupNotFound(backup_id=backup_id)
        backup = self.objects.Backup(context=self.context)
        for name in backup.fields:
            if name != "parent":
                setattr(backup, name, record.get(name))
        backup.metadata = backup.metadata or {}
        backup.obj_reset_changes()
        return backup

    def put(self, backup):
        self.records[backup.id] = {
            name: field.to_primitive(backup, name, getattr(backup, name))
            for name, field in backup.fields.items() if name != "parent"}

    def get_by_id(self, context, backup_id, *args, **kwargs):
        return self.backup(backup_id)

    def backup_update(self, context, backup_id, values):
        backup = self.backup(backup_id)
        backup.update(values)
        self.put(backup)

    def volume_get(self, context, volume_id):
        volume = self.models.Volume()
        volume.id, volume.size = volume_id, 1
        volume.display_name = self.volume_name
        volume.user_id, volume.project_id, volume.status = USER, PROJECT, "backing-up"
        return volume

    def volume_metadata_get(self, context, volume_id):
        return {}

    def volume_glance_metadata_get(self, context, volume_id):
        return []

    def __getattr__(self, name):
        """What a restore writes back to the volume is noted, not done."""
        if not name.startswith("volume_"):
            raise AttributeError(name)
        return lambda context, *args, **kwargs: self.applied.append([name, *args[1:]])


class Cinder:
    def __init__(self):
        from cinder import context, exception, objects
        from oslo_config import cfg
        objects.register_all()
        from cinder.backup.drivers import posix
        from cinder.db import api, models
        from cinder.volume import volume_utils

        self.conf = cfg.CONF
        self.conf([], project="cinder", default_config_files=[])
        self.defaults = {name: getattr(self.conf, name) for name in (
            "backup_file_size", "backup_sha_block_size_bytes", "backup_compression_algorithm")}
        self.context = context.RequestContext(USER, PROJECT, is_admin=True)
        self.exception, self.objects, self.models = exception, objects, models
        self.posix, self.api = posix, api
        volume_utils.notify_about_backup_usage = lambda *args, **kwargs: None
        api.dispose_engine = lambda: None

    def database(self, args):
        state = args.state or os.path.join(os.path.dirname(os.path.abspath(args.repo)), "cinder-state.json")
        database = Database(state, self.context, self.objects, self.models, self.exception)
        self.objects.Backup.get_by_id = database.get_by_id
        self.api.backup_update = database.backup_update
        return database

    def driver(self, args, database):
        given = {
            "backup_file_size": getattr(args, "chunk_size", None),
            "backup_sha_block_size_bytes": getattr(args, "sha_block_size", None),
            "backup_compression_algorithm": getattr(args, "compression", None),
        }
        for name, default in self.defaults.items():
            self.conf.set_override(name, given[name] or default)
        self.conf.set_override("backup_posix_path", os.path.abspath(args.repo))
        self.conf.set_override("backup_enable_progress_timer", False)
        driver = self.posix.PosixBackupDriver(self.context)
        driver.db = driver.backup_meta_api.db = database
        return driver

    # The commands do what Cinder's backup manager does around its driver.

    def backup(self, args, database):
        now = datetime.datetime.now(datetime.timezone.utc)
        size = max(1, -(-os.path.getsize(args.volume_file) // 2**30))
        backup = self.objects.Backup(
            context=self.context, id=args.backup_id or str(uuid.uuid4()), user_id=USER, project_id=PROJECT,
            volume_id=args.volume_id, parent_id=args.parent, status="creating", size=size, service=SERVICE,
            object_count=0, num_dependent_backups=0, display_name=args.name, created_at=now, data_timestamp=now,
            availability_zone="nova", host="oracle", metadata={}, deleted=False)
        for name in backup.fields:
            if name != "parent" and not backup.obj_attr_is_set(name):
                setattr(backup, name, None)
        database.put(backup)
        database.volume_name = args.name
        with open(args.volume_file, "rb") as f:
            self.driver(args, database).backup(database.backup(backup.id), f)
        database.records[backup.id]["status"] = "available"
        return {"backup": database.records[backup.id]}

    def restore(self, args, database):
        backup = database.backup(args.backup_id)
        backup.status = database.records[backup.id]["status"] = "restoring"
        try:
            # 'wb', as Cinder's manager does: that does not truncate a device, which --keep imitates.
            with open(args.out, "r+b" if args.keep else "wb") as f:
                self.driver(args, database).restore(backup, backup.volume_id, f, args.new_volume)
        finally:
            database.records[args.backup_id]["status"] = "available"
        return {"bytes": os.path.getsize(args.out), "applied": database.applied}

    def delete(self, args, database):
        self.driver(args, database).delete_backup(database.backup(args.backup_id))
        del database.records[args.backup_id]
        return {}

    def import_record(self, args, database):
        """API.import_record and BackupManager.import_record in one."""
        options = self.objects.Backup.decode_record(args.url)
        missing = {"display_name", "display_description", "container", "size", "service_metadata",
                   "object_count", "id"} - set(options)
        if missing or options["id"] in database.records:
            raise self.exception.InvalidBackup(reason="missing %s, or known already" % sorted(missing))
        self.driver(args, database).import_record(None, options.pop("driver_info", {}))
        for key in ("name", "user_id", "project_id", "deleted_at", "deleted", "fail_reason", "status"):
            options.pop(key, None)
        options.update(service=SERVICE, availability_zone="nova", host="oracle")
        backup = self.objects.Backup(context=self.context, user_id=USER, project_id=PROJECT, deleted=False)
        for name in backup.fields:
            if name != "parent" and not backup.obj_attr_is_set(name):
                setattr(backup, name, options.get(name) if name != "metadata" else {})
        backup.update(options)
        backup.status = "available"
        database.put(backup)
        return {"backup": database.records[backup.id]}

    def export_record(self, args, database):
        backup = database.backup(args.backup_id)
        info = self.driver(args, database).export_record(backup)
        return {"backup_service": SERVICE, "backup_url": backup.encode_record(driver_info=info)}

    def validate(self, args, database):
        """Whether a schema of the API (cinder.api.schemas) accepts a request's body, and why not."""
        from cinder.api.validation import validators
        module, name = args.schema.split(".")
        schema = getattr(importlib.import_module("cinder.api.schemas." + module), name)
        try:
            validators._SchemaValidator(schema).validate(json.loads(args.body))
        except self.exception.CinderException as error:
            return {"accepted": False, "reason": str(error)}
        return {"accepted": True}


def parser():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    sub = p.add_subparsers(dest="command", required=True)
    sub.add_parser("serve")
    commands = {name: sub.add_parser(name) for name in (
        "backup", "restore", "delete", "import-record", "export-record", "validate")}
    for name, command in commands.items():
        command.add_argument("--repo", required=True, help="what backup_posix_path would be")
        command.add_argument("--state", help="default: cinder-state.json beside the repository")
        if name not in ("import-record", "validate"):
            command.add_argument("--backup-id", required=name != "backup")
    commands["import-record"].add_argument("--url", required=True, help="base64 of the JSON of the record")
    commands["validate"].add_argument("--schema", required=True, help="e.g. backups.create")
    commands["validate"].add_argument("--body", required=True)
    backup, restore = commands["backup"], commands["restore"]
    backup.add_argument("--volume-id", required=True)
    backup.add_argument("--volume-file", required=True)
    backup.add_argument("--parent", help="backup id; makes it incremental")
    backup.add_argument("--name", help="of the backup and of the volume")
    backup.add_argument("--chunk-size", type=int)
    backup.add_argument("--sha-block-size", type=int)
    backup.add_argument("--compression")
    restore.add_argument("--out", required=True)
    restore.add_argument("--keep", action="store_true", help="do not truncate --out, as with a device")
    restore.add_argument("--new-volume", action="store_true", help="--out reads as zeros: Cinder skips zero MiBs")
    return p


def run(cinder, args):
    """One command: its answer on stdout, and whether it worked."""
    try:
        database = cinder.database(args)
        answer = getattr(cinder, args.command.replace("-", "_"))(args, database)
        database.save()
    except Exception as error:  # whatever Cinder raises is the answer
        answer = {"error": type(error).__name__, "message": str(error)}
    print(json.dumps(answer), flush=True)
    return "error" not in answer


def main():
    args = parser().parse_args()
    cinder = Cinder()
    if args.command != "serve":
        return 0 if run(cinder, args) else 1
    for line in sys.stdin:
        run(cinder, parser().parse_args(json.loads(line)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
