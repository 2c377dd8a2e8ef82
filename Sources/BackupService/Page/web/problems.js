// SPDX-License-Identifier: Apache-2.0
// Backups and restores that failed, with the reason.

const failures = {
  error: "the backup failed", error_deleting: "could not be deleted", error_restoring: "the restore to it did not complete",
};

function showProblems() {
  const problems = model.problems();
  byID("problems").hidden = problems.length === 0;
  byID("problems-title").textContent = `Failed (${problems.length})`;
  showList(byID("problem-list"), problems, makeProblem, updateProblem);
}

function makeProblem({ id }) {
  const row = stamp("problem-row");
  row.querySelector(".act").addEventListener("click", () => {
    if (model.backups.has(id)) askToDelete(model.backups.get(id));
    else askToReset(model.volumes.get(id));
  });
  return row;
}

function updateProblem(row, thing) {
  const isBackup = model.backups.has(thing.id);
  put(row, "subject", isBackup ? `${nameOf(model.volumeOf(thing))}, ${nameOf(thing)}` : nameOf(thing));
  put(row, "failed", failures[thing.status] ?? thing.status);
  putTime(row, instant(time(thing)));
  put(row, "reason", thing.fail_reason ?? "");
  put(row, "act", isBackup ? "Delete…" : "Reset…");
}
