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

/** Remembers where the focus is. What it returns puts it back there, or near there, should it be lost by then. */
function holdFocus() {
  const element = document.activeElement;
  const toggle = element.closest(".volume")?.querySelector(".toggle");
  const places = [element, toggle, element.closest("section")?.querySelector("h2"), byID("volumes-title")];
  return () => {
    if (element === document.body || canHaveFocus(document.activeElement)) return;
    places.find(canHaveFocus)?.focus({ preventScroll: true });
  };
}

function canHaveFocus(element) {
  return element && element !== document.body && element.isConnected && !element.disabled && element.checkVisibility();
}

/** Makes the children of `list` those of `items`: the elements of items that were there before stay. */
function showList(list, items, make, update) {
  const putBack = holdFocus();
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
  putBack();
}
