// SPDX-License-Identifier: Apache-2.0
// Nothing is changed without a question. Escape is no, Enter is the button that has the focus, or yes in a field.

class Question {
  constructor(id) {
    this.dialog = byID(id);
    this.form = this.dialog.querySelector("form");
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.confirm();
    });
    this.dialog.querySelector(".dismiss").addEventListener("click", () => this.dialog.close());
    // The button that has asked may be gone, or out of use.
    this.dialog.addEventListener("close", () => this.putBack());
  }

  /** `act` gets the form when the answer is yes. While it throws, the question stays, and says why. */
  ask(texts, act) {
    this.act = act;
    this.putBack = holdFocus();
    this.form.reset();
    for (const [part, text] of Object.entries({ error: "", ...texts })) put(this.dialog, part, text);
    this.dialog.showModal();
  }

  async confirm() {
    const yes = this.dialog.querySelector(".yes");
    if (yes.disabled) return;
    yes.disabled = true;
    put(this.dialog, "error", "");
    try {
      await this.act(new FormData(this.form));
      this.dialog.close();
    } catch (error) {
      put(this.dialog, "error", explain(error));
    } finally {
      yes.disabled = false;
    }
  }
}

const backUpQuestion = new Question("back-up");
const restoreQuestion = new Question("restore");
const confirmQuestion = new Question("confirm");

/** What helps beside what the daemon says. */
const advice = {
  force_needed: "Tick the box above to back it up all the same.",
  no_parent: "Make a full backup first.",
};

function explain(error) {
  if (!(error instanceof Refusal)) return `The daemon cannot be reached: ${error.message}`;
  const sentence = /[.!?]$/.test(error.message) ? error.message : `${error.message}.`;
  return [sentence[0].toUpperCase() + sentence.slice(1), advice[error.reason]].filter(Boolean).join(" ");
}

function askToBackUp({ volume, last }) {
  const texts = {
    title: `Back up ${nameOf(volume)}`,
    text: `${bytes(volume.size_bytes)}, ${volume.source}${volume.status === "in-use" ? ", in use now" : ""}`,
    increment: last ? `What has changed since ${nameOf(last)}, ${age(dataTime(last))}`
      : "What has changed: there is no backup yet to compare with",
  };
  backUpQuestion.ask(texts, async (answers) => {
    const name = answers.get("name").trim() || null;
    const incremental = answers.get("kind") === "incremental";
    const request = { volume_id: volume.id, name, incremental, force: answers.has("force") };
    const { backup } = await api.post("backups", { backup: request });
    started(backup, `The backup of ${nameOf(volume)} has begun.`);
  });
  const { kind, force } = backUpQuestion.form.elements;
  kind.value = last ? "incremental" : "full";
  kind[0].disabled = !last;
  force.checked = volume.status === "in-use";
}

function askToRestore(backup) {
  const texts = {
    title: `Restore ${nameOf(backup)}`,
    text: `To a new volume of ${bytes(backup.size_bytes)}. ${nameOf(model.volumeOf(backup))} is left as it is.`,
  };
  restoreQuestion.ask(texts, async (answers) => {
    const name = answers.get("name").trim() || null;
    const { restore } = await api.post(`backups/${backup.id}/restore`, { restore: { name } });
    started(backup, `The restore to ${restore.volume_name} has begun.`, restore.volume_id);
  });
}

function askToCancel(backup) {
  const isRestore = backup.status === "restoring";
  const texts = {
    title: isRestore ? `Cancel the restore of ${nameOf(backup)}?` : `Cancel the backup ${nameOf(backup)}?`,
    text: isRestore ? "The volume that it is restored to stays incomplete, and says so. The backup stays as it is."
      : "What it has stored so far is removed.",
    dismiss: "Let it run", yes: isRestore ? "Cancel the restore" : "Cancel the backup",
  };
  confirmQuestion.ask(texts, async () => {
    if (isRestore) await api.post(`backups/${backup.id}/action`, { "os-reset_status": { status: "available" } });
    else await api.delete(`backups/${backup.id}`);
    asked(backup, "cancel");
  });
}

function askToDelete(backup) {
  const texts = {
    title: `Delete the backup ${nameOf(backup)}?`,
    text: `Of ${nameOf(model.volumeOf(backup))}, made ${age(instant(backup.created_at))}. It cannot be brought back.`,
    dismiss: "Keep it", yes: "Delete it",
  };
  confirmQuestion.ask(texts, async () => {
    await api.delete(`backups/${backup.id}`);
    asked(backup, "delete");
  });
}

function askToReset(volume) {
  const texts = {
    title: `Take ${nameOf(volume)} as it is?`,
    text: "Its last restore did not complete. From here on it counts as available, whatever is on it.",
    dismiss: "Leave it", yes: "Make it available",
  };
  confirmQuestion.ask(texts, async () => {
    await api.post(`volumes/${volume.id}/action`, { "os-reset_status": { status: "available" } });
    await refreshVolume(volume.id);
    message(volume.id, `${nameOf(volume)} is available.`);
  });
}
