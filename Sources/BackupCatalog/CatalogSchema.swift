// SPDX-License-Identifier: Apache-2.0

import GRDB

/// The tables and how they came to be. Column names are Cinder's where Cinder has one.
enum CatalogSchema {
    /// The number of migrations, kept in `PRAGMA user_version`.
    static let version = 1

    /// A later version may have given the columns other meanings.
    static func refuseNewer(_ db: Database) throws {
        let found = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        guard found <= version else { throw CatalogError.newerSchema(found: found, known: version) }
    }

    /// Names are stable: a database remembers by name which of these it has seen.
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 volumes and backups") { db in
            try db.execute(sql: volumes)
            try db.execute(sql: backups)
            try db.execute(sql: "PRAGMA user_version = 1")
        }
        return migrator
    }

    /// Times are microseconds since 1970 in UTC, sizes are bytes, dictionaries are JSON.
    /// `busy_with` is the backup whose job keeps the volume `backing-up` or `restoring-backup`: only the end of
    /// that job may release the volume.
    private static let volumes = """
        CREATE TABLE volumes (
            id TEXT NOT NULL PRIMARY KEY,
            status TEXT NOT NULL,
            busy_with TEXT,
            source TEXT NOT NULL,
            device INTEGER,
            is_owned INTEGER NOT NULL,
            size_bytes INTEGER NOT NULL,
            display_name TEXT,
            display_description TEXT,
            metadata TEXT NOT NULL,
            volume_glance_metadata TEXT NOT NULL,
            bootable INTEGER NOT NULL,
            encryption_key_id TEXT,
            host TEXT,
            volume_type TEXT,
            availability_zone TEXT,
            fail_reason TEXT,
            target_written INTEGER,
            created_at INTEGER NOT NULL,
            updated_at INTEGER
        ) STRICT;
        CREATE UNIQUE INDEX volumes_by_source ON volumes (source);
        CREATE UNIQUE INDEX volumes_by_device ON volumes (device) WHERE device IS NOT NULL;
        CREATE INDEX volumes_by_status ON volumes (status);
        """

    /// `size` is GiB, as in Cinder.
    private static let backups = """
        CREATE TABLE backups (
            id TEXT NOT NULL PRIMARY KEY,
            volume_id TEXT NOT NULL,
            parent_id TEXT,
            status TEXT NOT NULL,
            container TEXT,
            service_metadata TEXT,
            object_count INTEGER NOT NULL,
            size INTEGER NOT NULL,
            size_bytes INTEGER,
            stored_bytes INTEGER,
            compression TEXT,
            display_name TEXT,
            display_description TEXT,
            metadata TEXT NOT NULL,
            fail_reason TEXT,
            remark TEXT,
            service TEXT NOT NULL,
            host TEXT,
            availability_zone TEXT,
            user_id TEXT NOT NULL,
            project_id TEXT NOT NULL,
            snapshot_id TEXT,
            encryption_key_id TEXT,
            created_at INTEGER NOT NULL,
            updated_at INTEGER,
            deleted_at INTEGER,
            data_timestamp INTEGER NOT NULL,
            job_number INTEGER NOT NULL,
            job_begun INTEGER NOT NULL,
            restore_volume_id TEXT,
            restore_cancelled INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX backups_by_status ON backups (status);
        CREATE INDEX backups_by_volume ON backups (volume_id, data_timestamp);
        CREATE INDEX backups_by_parent ON backups (parent_id);
        CREATE INDEX backups_by_job ON backups (job_number);
        CREATE UNIQUE INDEX backups_by_place ON backups (container, service_metadata) WHERE status <> 'deleted';
        """
}
