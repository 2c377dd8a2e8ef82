// SPDX-License-Identifier: Apache-2.0
// What happens when: the daemon tells, somebody clicks, time passes.

const model = new Model();
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

// MARK: Following

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
byID("volume-list").addEventListener("pointerleave", () => show(showVolumes));
setInterval(showAll, 30_000); // ages
throughput.draw();
follow();
