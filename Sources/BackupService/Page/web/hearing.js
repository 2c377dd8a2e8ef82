// SPDX-License-Identifier: Apache-2.0
// What the daemon tells, by its events and by answers, into the model.

const news = new Map(); // id of a backup or volume → how often it was heard of

function refreshBackup(id) {
  return refresh("backup", id, model.backups);
}

function refreshVolume(id) {
  return refresh("volume", id, model.volumes);
}

/** Gets one backup or volume; again if there was news of it in the meantime, which the answer may not know. */
async function refresh(kind, id, things) {
  for (let heard; heard !== (news.get(id) ?? 0); ) {
    heard = news.get(id) ?? 0;
    try {
      things.set(id, (await api.get(`${kind}s/${id}`))[kind]);
    } catch (error) {
      if (error.status !== 404) throw error;
      things.delete(id);
    }
  }
  tellOutcomes();
  showAll();
  return things.get(id);
}

async function take({ type, data }) {
  for (const id of [data.backup_id, data.volume_id]) if (id) news.set(id, (news.get(id) ?? 0) + 1);
  const isBackup = type !== "volume";
  const backup = isBackup && model.backups.get(data.backup_id);
  if (isBackup && data.status === "deleted") forget(data.backup_id);
  else if (isBackup && !backup) await refreshBackup(data.backup_id);
  else if (isBackup) change(backup, data);
  if (type === "progress") {
    show(showJobs);
    return;
  }
  if (!isBackup && data.status === "deleted") model.volumes.delete(data.volume_id);
  else if (!isBackup) await refreshVolume(data.volume_id);
  if (type === "end" && data.status === "available") await refreshBackup(data.backup_id);
  tellOutcomes();
  showAll();
}

function change(backup, { status, fail_reason, progress }) {
  const was = backup.status;
  Object.assign(backup, { status, fail_reason, progress });
  throughput.hear(backup);
  if (jobStatuses.has(status)) return;
  throughput.forget(backup.id);
  if (status === "available" && was !== status) complete(backup, was);
}

function forget(id) {
  model.backups.delete(id);
  throughput.forget(id);
}
