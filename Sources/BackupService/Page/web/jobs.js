// SPDX-License-Identifier: Apache-2.0
// What runs and waits, with its bar. A job that has completed stays for a moment, at 100 %.

const completedStays = 6000;
const completed = new Map(); // backup id → what was done

const doing = { creating: "Backing up", restoring: "Restoring", deleting: "Deleting" };
const did = { creating: "Backed up", restoring: "Restored" };
const phases = { queued: "waits its turn", finalizing: "finishing", done: "complete" };

function complete(backup, was) {
  if (!did[was]) return;
  const entry = { was };
  completed.set(backup.id, entry);
  setTimeout(() => {
    if (completed.get(backup.id) === entry) completed.delete(backup.id);
    showJobs();
  }, completedStays);
}

function showJobs() {
  const jobs = model.jobs();
  for (const job of jobs) completed.delete(job.id);
  const ended = [...completed.keys()].map((id) => model.backups.get(id)).filter(Boolean);
  showList(byID("job-list"), [...jobs, ...ended], makeJob, updateJob);
  byID("no-jobs").hidden = jobs.length + ended.length > 0;
  document.title = jobs.length ? `(${jobs.length}) Cinderblock` : "Cinderblock";
}

function makeJob({ id }) {
  const row = stamp("job-row");
  row.querySelector(".cancel").addEventListener("click", () => askToCancel(model.backups.get(id)));
  return row;
}

function updateJob(row, backup) {
  const was = completed.get(backup.id)?.was;
  const progress = backup.progress ?? {};
  const volume = model.volumeOf(backup);
  row.classList.toggle("complete", Boolean(was));
  put(row, "doing", was ? did[was] : doing[backup.status]);
  put(row, "subject", nameOf(volume));
  put(row, "which", nameOf(backup));
  const bar = row.querySelector("progress");
  bar.setAttribute("aria-label", `${doing[was ?? backup.status]} ${nameOf(volume)}`);
  // How far a deletion is nobody knows.
  if (backup.status === "deleting") bar.removeAttribute("value");
  else bar.value = progress.percent ?? 0;
  put(row, "percent", backup.status === "deleting" ? "" : `${(progress.percent ?? 0).toFixed(1)} %`);
  put(row, "phase", phases[progress.phase] ?? progress.phase ?? "");
  put(row, "rate", !was && progress.bytes_per_second ? `${bytes(progress.bytes_per_second)}/s` : "");
  put(row, "left", !was && progress.eta_seconds ? `${duration(progress.eta_seconds)} left` : "");
  row.querySelector(".cancel").hidden = Boolean(was) || backup.status === "deleting";
}
