// SPDX-License-Identifier: Apache-2.0
// The backups of one volume, chain by chain.

function showBackups(list, backups) {
  const rows = chains(backups).flatMap((chain) => chain.map((backup, index) => {
    const isLast = index === chain.length - 1;
    // An increment stands on the one above it, if nothing is said.
    const parent = index > 0 && backup.parent_id !== chain[index - 1].id ? model.backups.get(backup.parent_id) : null;
    return { id: backup.id, backup, parent, place: index === 0 ? (isLast ? "single" : "first") : isLast ? "last" : "middle" };
  }));
  showList(list, rows, makeBackup, updateBackup);
}

function makeBackup({ id }) {
  const row = stamp("backup-row");
  row.querySelector(".restore").addEventListener("click", () => askToRestore(model.backups.get(id)));
  row.querySelector(".remove").addEventListener("click", () => {
    const backup = model.backups.get(id);
    if (isCancellable(backup)) askToCancel(backup);
    else askToDelete(backup);
  });
  return row;
}

function isCancellable(backup) {
  return backup.status === "creating" || backup.status === "restoring";
}

function updateBackup(row, { backup, parent, place }) {
  row.dataset.place = place;
  row.dataset.status = backup.status;
  row.classList.toggle("increment", backup.parent_id !== null);
  put(row, "name", nameOf(backup)).title = backup.id;
  put(row, "kind", (backup.parent_id ? "increment" : "full") + (parent ? ` on ${nameOf(parent)}` : ""));
  putTime(row, instant(backup.created_at));
  put(row, "stored", goodStatuses.has(backup.status) && backup.stored_bytes !== null ? `${bytes(backup.stored_bytes)} stored` : "");
  put(row, "state", backup.status === "available" ? "" : backup.status);
  put(row, "remark", [backup.fail_reason, backup.remark, backup.description].filter(Boolean).join(" – "));
  row.querySelector(".restore").hidden = backup.status !== "available";
  const remove = put(row, "remove", isCancellable(backup) ? "Cancel…" : "Delete…");
  const isNeeded = !isCancellable(backup) && model.isNeeded(backup);
  remove.hidden = backup.status === "deleting";
  remove.disabled = isNeeded;
  remove.title = isNeeded ? "Increments stand on this one" : "";
  for (const button of row.querySelectorAll("button")) {
    button.setAttribute("aria-label", `${button.textContent.replace("…", "")} ${nameOf(backup)}`);
  }
}
