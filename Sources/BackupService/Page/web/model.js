// SPDX-License-Identifier: Apache-2.0
// What the daemon has told of its volumes and backups, and what follows from that. Knows nothing of the page.

const goodStatuses = new Set(["available", "restoring"]);
const jobStatuses = new Set(["creating", "restoring", "deleting"]);
const staleAfter = 8 * 86_400_000; // a weekly backup, and a day for it

class Model {
  volumes = new Map();
  backups = new Map();

  replace(volumes, backups) {
    this.volumes = new Map(volumes.map((volume) => [volume.id, volume]));
    this.backups = new Map(backups.map((backup) => [backup.id, backup]));
  }

  /** Backups that something is done with, those that wait last. */
  jobs() {
    const waits = (backup) => (backup.progress?.phase === "queued" ? 1 : 0);
    return [...this.backups.values()].filter((backup) => jobStatuses.has(backup.status))
      .sort((a, b) => waits(a) - waits(b) || a.created_at.localeCompare(b.created_at));
  }

  /** Failed backups and restores, the newest first. */
  problems() {
    const backups = [...this.backups.values()].filter((backup) => backup.status.startsWith("error"));
    const volumes = [...this.volumes.values()].filter((volume) => volume.status.startsWith("error"));
    return [...backups, ...volumes].sort((a, b) => time(b).localeCompare(time(a)));
  }

  /** Whether increments need this backup, as the daemon sees it. */
  isNeeded(backup) {
    return [...this.backups.values()].some((other) => other.parent_id === backup.id && other.status !== "error");
  }

  volumeOf(backup) {
    return this.volumes.get(backup.volume_id) ?? { id: backup.volume_id, name: null, status: null };
  }

  /** One `{id, volume, backups, last, chain}` per volume, also for those of which only backups are known. */
  overview() {
    const byVolume = new Map([...this.volumes.keys()].map((id) => [id, []]));
    for (const backup of this.backups.values()) {
      if (!byVolume.has(backup.volume_id)) byVolume.set(backup.volume_id, []);
      byVolume.get(backup.volume_id).push(backup);
    }
    return [...byVolume].map(([id, backups]) => {
      backups.sort((a, b) => a.created_at.localeCompare(b.created_at));
      const last = backups.findLast((backup) => goodStatuses.has(backup.status)) ?? null;
      return { id, volume: this.volumeOf({ volume_id: id }), backups, last, chain: this.chain(last) };
    });
  }

  /** The backup and its ancestors, the full one first. */
  chain(backup) {
    const chain = [];
    for (; backup && !chain.includes(backup); backup = this.backups.get(backup.parent_id)) chain.unshift(backup);
    return chain;
  }
}

/** When the data of a good backup were read. */
function dataTime(backup) {
  return instant(backup.data_timestamp ?? backup.created_at);
}

function time(thing) {
  return thing.updated_at ?? thing.created_at;
}

/** Chains of one volume's backups, the newest first: each a full backup and all that stands on it, in order of time. */
function chains(backups) {
  const byID = new Map(backups.map((backup) => [backup.id, backup]));
  const groups = new Map();
  for (const backup of backups) {
    let root = backup;
    for (let i = 0; byID.has(root.parent_id) && i < backups.length; i += 1) root = byID.get(root.parent_id);
    if (!groups.has(root.id)) groups.set(root.id, []);
    groups.get(root.id).push(backup);
  }
  return [...groups.values()].reverse();
}

const orders = {
  age: (a, b) => (a.last ? dataTime(a.last) : 0) - (b.last ? dataTime(b.last) : 0) || orders.name(a, b),
  name: (a, b) => nameOf(a.volume).localeCompare(nameOf(b.volume), "en", { numeric: true }),
  size: (a, b) => (b.volume.size_bytes ?? 0) - (a.volume.size_bytes ?? 0) || orders.name(a, b),
  status: (a, b) => (a.volume.status ?? "~").localeCompare(b.volume.status ?? "~") || orders.name(a, b),
};

/** Whether every word of the filter is in something that is shown of the volume, or begins an id. */
function matches({ volume, backups, last }, words) {
  const shown = [volume.name, volume.source, volume.status ?? "not registered", last ? "" : "never",
    ...backups.flatMap((backup) => [backup.name, backup.status])].join("\n").toLowerCase();
  const ids = [volume.id, ...backups.map((backup) => backup.id)];
  return words.every((word) => shown.includes(word) || ids.some((id) => id.startsWith(word)));
}
