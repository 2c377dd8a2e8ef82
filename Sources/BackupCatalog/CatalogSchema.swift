// SPDX-License-Identifier: Apache-2.0

import BackupModel
import GRDB

/// The tables and how they came to be. Column names are Cinder's where Cinder has one.
enum CatalogSchema {
    /// The number of migrations, kept in `PRAGMA user_version`.
    static let version = 7

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
        migrator.registerMigration("2 times of backups, and receipts") { db in
            try db.execute(sql: times)
            try db.execute(sql: receipts)
            try db.execute(sql: "PRAGMA user_version = 2")
        }
        migrator.registerMigration("3 identity, and what deletions rest on") { db in
            try db.execute(sql: identity)
            try db.execute(
                sql: "INSERT INTO identity (catalog_id, epoch, rolled_back) VALUES (?, 0, 0)",
                arguments: [ResourceID.random()])
            try db.execute(sql: deletions)
            try db.execute(sql: "PRAGMA user_version = 3")
        }
        migrator.registerMigration("4 identities of volumes") { db in
            try db.execute(sql: identities)
            try db.execute(sql: "PRAGMA user_version = 4")
        }
        migrator.registerMigration("5 order of making, and lists to be read") { db in
            try db.execute(sql: making)
            try db.execute(sql: "PRAGMA user_version = 5")
        }
        migrator.registerMigration("6 damaged backups") { db in
            try db.execute(sql: damage)
            try db.execute(sql: "PRAGMA user_version = 6")
        }
        migrator.registerMigration("7 protected backups, and owners of receipts") { db in
            try db.execute(sql: protection)
            try db.execute(sql: owners)
            try db.execute(sql: "PRAGMA user_version = 7")
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

    /// When the job that made a backup began, and when it ended, well or not. Of what is older than these columns only
    /// the creation is known, which makes a backup look older than it is, and never younger.
    private static let times = """
        ALTER TABLE backups ADD COLUMN begun_at INTEGER;
        ALTER TABLE backups ADD COLUMN ended_at INTEGER;
        UPDATE backups SET ended_at = created_at WHERE status NOT IN ('creating', 'deleted');
        CREATE INDEX backups_by_attempt ON backups (volume_id, begun_at);
        CREATE INDEX backups_by_success ON backups (volume_id, ended_at) WHERE status IN ('available', 'restoring');
        """

    /// When a backup was found to be damaged; `remark` says how.
    private static let damage = """
        ALTER TABLE backups ADD COLUMN damaged_at INTEGER;
        CREATE INDEX backups_by_damage ON backups (damaged_at) WHERE damaged_at IS NOT NULL AND status <> 'deleted';
        """

    /// What a device is, beside its number: after a reboot two may have each other's. And which file a restore was
    /// taken in for.
    private static let identities = """
        ALTER TABLE volumes ADD COLUMN identity TEXT;
        ALTER TABLE volumes ADD COLUMN restore_file TEXT;
        DROP INDEX volumes_by_device;
        """

    /// `made` counts the backups of a volume in the order in which they were made, `inspection` says what the list of a
    /// backup's objects has still to be read for.
    ///
    /// Backups that are older than these columns were made in the order of their data's time, which earlier versions
    /// never let go backwards; among equals a parent comes before its child. Those whose length nobody has found out
    /// are measured.
    private static let making = """
        ALTER TABLE backups ADD COLUMN made INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE backups ADD COLUMN inspection TEXT;
        WITH RECURSIVE depths(id, depth) AS (
            SELECT id, 0 FROM backups WHERE parent_id IS NULL OR parent_id NOT IN (SELECT id FROM backups)
            UNION ALL
            SELECT child.id, depth + 1 FROM backups AS child JOIN depths ON child.parent_id = depths.id)
        UPDATE backups SET made = places.place FROM (
            SELECT backups.id AS id, row_number() OVER (
                PARTITION BY volume_id ORDER BY data_timestamp, depth, created_at, backups.id) AS place
            FROM backups LEFT JOIN depths ON depths.id = backups.id) AS places
        WHERE places.id = backups.id;
        UPDATE backups SET inspection = 'measure' WHERE size_bytes IS NULL AND status IN ('available', 'restoring');
        DROP INDEX backups_by_volume;
        DROP INDEX backups_by_success;
        CREATE INDEX backups_by_making ON backups (volume_id, made);
        CREATE INDEX backups_by_success ON backups (volume_id, made) WHERE status IN ('available', 'restoring');
        CREATE INDEX backups_by_inspection ON backups (job_number) WHERE inspection IS NOT NULL;
        """

    private static let protection = """
        ALTER TABLE backups ADD COLUMN protected INTEGER NOT NULL DEFAULT 0;
        """

    /// Under one key each owner has a receipt of his own. Those that are older than this count for whoever comes: nobody
    /// knows whose they are, and in a day they are gone.
    private static let owners = """
        ALTER TABLE receipts RENAME TO receipts_of_all;
        DROP INDEX receipts_by_time;
        CREATE TABLE receipts (
            owner TEXT NOT NULL DEFAULT '',
            key TEXT NOT NULL,
            request TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            made TEXT,
            status INTEGER,
            location TEXT,
            body TEXT,
            PRIMARY KEY (owner, key)
        ) STRICT;
        INSERT INTO receipts SELECT '', key, request, created_at, made, status, location, body FROM receipts_of_all;
        DROP TABLE receipts_of_all;
        CREATE INDEX receipts_by_time ON receipts (created_at);
        """

    /// What was done under an `Idempotency-Key`: written with the work itself, in one transaction. `request` is the
    /// SHA-256 of the request, `made` the id of what it made; the answer comes later, and may be missing.
    private static let receipts = """
        CREATE TABLE receipts (
            key TEXT NOT NULL PRIMARY KEY,
            request TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            made TEXT,
            status INTEGER,
            location TEXT,
            body TEXT
        ) STRICT;
        CREATE INDEX receipts_by_time ON receipts (created_at);
        """

    /// One row (`CatalogIdentity`).
    private static let identity = """
        CREATE TABLE identity (
            one INTEGER NOT NULL PRIMARY KEY DEFAULT 1 CHECK (one = 1),
            catalog_id TEXT NOT NULL,
            epoch INTEGER NOT NULL,
            repository_id TEXT,
            rolled_back INTEGER NOT NULL
        ) STRICT;
        """

    /// Of rows that are older than these columns nobody knows whether there is a metadata object, so there may be one.
    private static let deletions = """
        ALTER TABLE backups ADD COLUMN deleted_from TEXT;
        ALTER TABLE backups ADD COLUMN must_be_found INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE backups ADD COLUMN may_hold_metadata INTEGER NOT NULL DEFAULT 1;
        """
}
