// SPDX-License-Identifier: Apache-2.0
// Results, at the lower edge of the page and for screen readers. Good news goes by itself, and newer news of the same
// thing takes the place of the older.

const goodNewsStays = 12_000;

function message(id, text, isGood = true) {
  const row = stamp("message-row");
  row.dataset.about = id;
  row.classList.add(isGood ? "good" : "bad");
  row.firstElementChild.textContent = text;
  row.querySelector("button").addEventListener("click", () => row.remove());
  const messages = byID("messages");
  messages.querySelector(`[data-about="${id}"]`)?.remove();
  messages.append(row);
  while (messages.children.length > 4) messages.firstElementChild.remove();
  if (isGood) setTimeout(() => row.remove(), goodNewsStays);
}
