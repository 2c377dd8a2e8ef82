// SPDX-License-Identifier: Apache-2.0
// What happens when: the daemon tells, somebody clicks, time passes.

const model = new Model();
const asks = new Map(); // backup id → what was asked for on this page, whose outcome is told
const news = new Map(); // id → how often it was heard of
let version = null; // the daemon's

// MARK: Showing

let due = null; // the parts of the page that wait for the next frame

function show(...parts) {
  if (!due) {
    due = new Set();
    requestAnimationFrame(() => {
      const now = due;
      due = null;
      for (const part of now) part();
    });
  }
  for (const part of parts) due.add(part);
}

function showAll() {
  show(showJobs, showProblems, showVolumes);
}

function setState(state) {
  document.body.dataset.state = state;
  byID("locked").hidden = state !== "locked";
  byID("open").hidden = state !== "open";
  byID("forget").hidden = state !== "open" || !api.token;
}

function setLink(state, text) {
  byID("link").className = state;
  if (byID("link").textContent !== text) byID("link").textContent = text;
}

// MARK: Asking

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

// MARK: Hearing

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

async function load() {
  const [volumes, backups] = await Promise.all([api.all("volumes"), api.all("backups")]);
  model.replace(volumes, backups);
  throughput.restart(model.jobs());
  setState("open");
  tellOutcomes();
  showAll();
}

/** Until the page is closed: connect, load everything, and follow what changes. */
async function follow() {
  for (let wait = 1000; ; wait = Math.min(2 * wait, 30_000)) {
    await until(document, "visibilitychange", () => !document.hidden);
    const stop = new AbortController();
    const hide = () => document.hidden && stop.abort();
    document.addEventListener("visibilitychange", hide);
    try {
      await admit();
      // The stream first, so that nothing is missed between the two.
      const stream = await events.open(stop.signal).catch((error) => error);
      await load();
      if (stream instanceof Error) throw stream;
      setLink("live", "live");
      wait = 500;
      for await (const event of stream) await take(event);
    } catch (error) {
      if (!document.hidden) setLink("lost", `not live, trying again (${error.message})`);
    }
    document.removeEventListener("visibilitychange", hide);
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}

/** Goes on when the daemon takes the token, or needs none. */
async function admit() {
  let greeting = await api.greet();
  while (!greeting.admits) {
    setState("locked");
    setLink("", "");
    if (api.token) byID("token-error").textContent = "This is not the daemon's token.";
    api.remember(null);
    const token = await typedToken();
    greeting = await api.greet(token);
    api.remember(token);
  }
  // After an update of the daemon the page is another one.
  if (version && version !== greeting.version) location.reload();
  version = greeting.version;
  const { services } = await api.get("os-services");
  byID("host").textContent = `${services[0]?.host ?? ""} · ${greeting.version}`;
}

function typedToken() {
  byID("token").focus();
  return new Promise((resolve) => {
    byID("token-form").addEventListener("submit", (event) => {
      event.preventDefault();
      byID("token-error").textContent = "";
      resolve(byID("token").value.trim());
      byID("token").value = "";
    }, { once: true });
  });
}

async function until(target, type, condition) {
  while (!condition()) await new Promise((resolve) => target.addEventListener(type, resolve, { once: true }));
}

byID("forget").addEventListener("click", () => {
  api.remember(null);
  location.reload();
});
byID("filter").addEventListener("input", () => show(showVolumes));
byID("sort").addEventListener("change", () => show(showVolumes));
setInterval(showAll, 30_000); // ages
throughput.draw();
follow();
