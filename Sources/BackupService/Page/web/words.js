// SPDX-License-Identifier: Apache-2.0
// What people read: sizes, rates, times.

const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

/** `1.5 GiB`; a dash where nothing is known. */
function bytes(count) {
  if (count === null || count === undefined) return "–";
  let unit = 0;
  while (count >= 1024 && unit < units.length - 1) {
    count /= 1024;
    unit += 1;
  }
  return `${unit === 0 || count >= 100 ? Math.round(count) : count.toFixed(1)} ${units[unit]}`;
}

/** The API's times are UTC, and do not say so. */
function instant(text) {
  return text ? new Date(/[Z+]/.test(text) ? text : `${text}Z`) : null;
}

const steps = [["y", 31557600], ["mo", 2629800], ["d", 86400], ["h", 3600], ["min", 60]];

/** `3 h ago`. A clock that is a little behind the daemon's makes nothing of the future. */
function age(date, now = Date.now()) {
  const seconds = (now - date) / 1000;
  for (const [name, length] of steps) {
    if (seconds >= length) return `${Math.floor(seconds / length)} ${name} ago`;
  }
  return "just now";
}

/** `1 h 20 min`, of seconds. */
function duration(seconds) {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** `1 backup`, `2 backups`. */
function count(number, noun) {
  return `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
}

/** What a backup or volume is called; the beginning of its id where it has no name. */
function nameOf(thing) {
  return thing.name || thing.id.slice(0, 8);
}
