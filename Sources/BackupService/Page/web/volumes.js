// SPDX-License-Identifier: Apache-2.0
// The volumes, those first whose last good backup is the oldest; each opens to its backups.

const shownLinks = 12;
const states = {
  "in-use": "in use", "backing-up": "backing up", "restoring-backup": "being restored", error_restoring: "not restored",
};

function showVolumes() {
  const words = byID("filter").value.toLowerCase().split(/\s+/).filter(Boolean);
  const entries = model.overview();
  const shown = entries.filter((entry) => matches(entry, words)).sort(orders[byID("sort").value]);
  if (byID("volume-list").matches(":hover")) keepPlaces(shown);
  showList(byID("volume-list"), shown, makeVolume, updateVolume);

  const stored = [...model.backups.values()].reduce((sum, backup) => sum + (backup.stored_bytes ?? 0), 0);
  const without = entries.filter((entry) => !entry.last).length;
  byID("totals").textContent = [count(entries.length, "volume"), without && `${without} without a good backup`,
    count(model.backups.size, "backup"), `${bytes(stored)} stored`].filter(Boolean).join(" · ");
  byID("matches").textContent = words.length ? `${count(shown.length, "volume")} of ${entries.length} shown` : "";
  byID("no-volumes").hidden = shown.length > 0;
  byID("no-volumes").textContent = entries.length ? "No volume has all of that."
    : "No volume is registered yet: POST /manageable_volumes does that.";
}

/** Rows do not move under the pointer: what is new goes to the end, until the pointer has left. */
function keepPlaces(entries) {
  const places = new Map([...byID("volume-list").children].map((row, index) => [row.dataset.id, index]));
  entries.sort((a, b) => (places.get(a.id) ?? places.size) - (places.get(b.id) ?? places.size));
}

function makeVolume({ id }) {
  const row = stamp("volume-row");
  const toggle = row.querySelector(".toggle");
  const more = row.querySelector(".more");
  more.id = `more-${id}`;
  toggle.setAttribute("aria-controls", more.id);
  toggle.addEventListener("click", () => {
    more.hidden = !more.hidden;
    toggle.setAttribute("aria-expanded", String(!more.hidden));
    updateVolume(row, entryOf(id));
  });
  row.querySelector(".back-up").addEventListener("click", async () => {
    // Whether it is in use changes without a word.
    await refreshVolume(id).catch(() => {});
    askToBackUp(entryOf(id));
  });
  return row;
}

function entryOf(id) {
  return model.overview().find((entry) => entry.id === id);
}

function updateVolume(row, entry) {
  const { volume, backups, last, chain } = entry;
  const isRegistered = volume.status !== null;
  row.dataset.status = volume.status ?? "unknown";
  put(row, "name", nameOf(volume));
  put(row, "source", volume.source ?? "not registered").title = volume.source ?? "";
  put(row, "size", isRegistered ? bytes(volume.size_bytes) : "");
  const date = last && dataTime(last);
  putTime(row, date, date ? age(date) : "never");
  row.classList.toggle("never", !last);
  row.classList.toggle("stale", Boolean(last) && Date.now() - date > staleAfter);
  showChain(row.querySelector(".chain"), chain, backups);
  put(row, "state", isRegistered ? states[volume.status] ?? volume.status : "not registered");
  const button = row.querySelector(".back-up");
  button.hidden = !isRegistered;
  button.disabled = volume.status === "backing-up" || volume.status === "restoring-backup";
  button.setAttribute("aria-label", `Back up ${nameOf(volume)}`);
  if (row.querySelector(".more").hidden) return;
  put(row, "detail", [`id ${volume.id}`, volume.description, volume.fail_reason].filter(Boolean).join(" – "));
  showBackups(row.querySelector(".backups"), backups);
}

/** A mark per backup of the chain that a restore would take, the full one first, and one for what came after it. */
function showChain(element, chain, backups) {
  const later = backups.slice(chain.length ? backups.indexOf(chain.at(-1)) + 1 : 0).at(-1);
  const marks = chain.map((backup) => (backup.parent_id === null ? "full" : "increment"));
  const left = marks.length > shownLinks ? marks.splice(1, marks.length - shownLinks).length : 0;
  if (later) marks.push(later.status.startsWith("error") ? "failed" : "running");
  const text = [chain.length && (chain.length > 1 ? `full and ${count(chain.length - 1, "increment")}` : "full"),
    later && (later.status.startsWith("error") ? "then one that failed" : "one is being made")].filter(Boolean).join(", ");
  const key = `${marks} ${left}`;
  if (element.dataset.key === key) return;
  element.dataset.key = key;
  element.title = text;
  element.setAttribute("aria-label", text || "no backup");
  element.replaceChildren(...marks.map((mark) => {
    const span = document.createElement("span");
    span.className = mark;
    return span;
  }));
  if (!left) return;
  const more = document.createElement("i");
  more.textContent = `+${left}`;
  element.firstElementChild.after(more);
}
