// SPDX-License-Identifier: Apache-2.0
// What was asked for on this page, and its outcome.

const asks = new Map(); // backup id → {kind, target, name}

/** A new backup or restore; the daemon may have told more of it already. */
function started(backup, text, target = null) {
  asks.set(backup.id, { kind: target ? "restore" : "back up", target });
  message(backup.id, text);
  if (!model.backups.has(backup.id)) model.backups.set(backup.id, backup);
  throughput.hear(backup);
  if (target) refreshBackup(backup.id);
  showAll();
}

/** The daemon has agreed to `kind`: "cancel" or "delete". */
function asked(backup, kind) {
  asks.set(backup.id, { kind, name: nameOf(backup) });
  const known = model.backups.get(backup.id);
  if (kind === "cancel" && backup.status === "restoring") refreshBackup(backup.id);
  else if (known) known.status = "deleting";
  tellOutcomes();
  showAll();
}

/** Says how that ended which was asked for here. */
async function tellOutcomes() {
  for (const [id, { kind, target, name }] of asks) {
    const backup = model.backups.get(id);
    if (backup && jobStatuses.has(backup.status)) continue;
    asks.delete(id);
    if (kind === "restore") {
      const volume = await refreshVolume(target);
      if (volume?.status === "available") message(id, `${nameOf(volume)} is restored: ${volume.source}`);
      else if (volume) message(id, `The restore to ${nameOf(volume)} did not complete: ${volume.fail_reason}`, false);
    } else if (kind === "back up") {
      if (backup?.status === "available") message(id, `The backup ${nameOf(backup)} is complete.`);
      else if (backup) message(id, `The backup ${nameOf(backup)} failed: ${backup.fail_reason}`, false);
    } else if (!backup || kind === "cancel") {
      message(id, kind === "cancel" ? `Cancelled: ${name}.` : `Deleted: ${name}.`);
    } else {
      message(id, `${name} could not be deleted: ${backup.fail_reason}`, false);
    }
  }
}
