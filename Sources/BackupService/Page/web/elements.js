// SPDX-License-Identifier: Apache-2.0
// The document. Whatever comes from the API gets in by textContent.

function byID(id) {
  return document.getElementById(id);
}

/** A copy of what is in a <template>. */
function stamp(id) {
  return byID(id).content.firstElementChild.cloneNode(true);
}

/** Sets the text of the part of `element` with this class. */
function put(element, part, text) {
  const target = element.querySelector(`.${part}`);
  if (target.textContent !== text) target.textContent = text;
  return target;
}

/** Shows a moment by its age. */
function putTime(element, date, text = age(date)) {
  const target = element.querySelector("time");
  if (date) target.dateTime = date.toISOString();
  else target.removeAttribute("datetime");
  target.title = date ? date.toLocaleString() : "";
  if (target.textContent !== text) target.textContent = text;
}

/**
 * Makes the children of `list` those of `items`: elements of items that were there before stay, with the focus in
 * them. When the element with the focus goes, `heading` gets it.
 */
function showList(list, items, make, update, heading) {
  const focus = document.activeElement;
  const old = new Map([...list.children].map((element) => [element.dataset.id, element]));
  items.forEach((item, index) => {
    let element = old.get(item.id);
    if (!element) {
      element = make(item);
      element.dataset.id = item.id;
    }
    old.delete(item.id);
    update(element, item);
    if (list.children[index] !== element) list.insertBefore(element, list.children[index] ?? null);
  });
  for (const element of old.values()) element.remove();
  if (focus === document.activeElement || document.activeElement !== document.body) return;
  if (focus.isConnected) focus.focus({ preventScroll: true });
  else heading?.focus({ preventScroll: true });
}
