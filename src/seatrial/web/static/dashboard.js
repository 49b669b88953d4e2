// What pages can do beyond links and forms. Everything here is an addition: pages are read without it.
"use strict";

const announce = (text) => {
  const announcer = document.getElementById("announcer");
  if (announcer) announcer.textContent = text;
};

// Copying: a button with data-copy puts that text on the clipboard and says so.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
  } catch {
    const area = document.createElement("textarea");
    area.value = button.dataset.copy;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  button.classList.add("copied");
  announce(button.getAttribute("aria-label") || "");
  setTimeout(() => button.classList.remove("copied"), 1200);
});

// Menus made of <details> close like menus: with Escape, and when something else is clicked.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open], details.drawer[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    for (const menu of document.querySelectorAll("details.menu[open], details.drawer[open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  }
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
    const field = document.querySelector("[data-hotkey='/']");
    if (field) {
      event.preventDefault();
      field.focus();
    }
  }
});

// Dialogs: a button with data-opens shows the <dialog> of that id; one with data-closes closes the dialog around it.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) {
    const dialog = document.getElementById(opener.dataset.opens);
    const menu = opener.closest("details.menu");
    dialog?.showModal();
    if (dialog && menu) {
      // What opened it is hidden with its menu: whoever works by keys comes back to the menu's own button.
      menu.open = false;
      dialog.addEventListener("close", () => menu.querySelector("summary").focus(), { once: true });
    }
  }
  const closer = event.target.closest("[data-closes]");
  if (closer) closer.closest("dialog")?.close();
});

// A form that was refused comes back in an open dialog: without a script it stands in the page, with one it is in front
// again, at the field that is wrong.
for (const dialog of document.querySelectorAll("dialog[open]")) {
  dialog.close();
  dialog.showModal();
  dialog.querySelector("[aria-invalid='true']")?.focus();
}

// Irreversible acts ask for the name: the button works once it is typed.
document.addEventListener("input", (event) => {
  const field = event.target.closest("[data-must-equal]");
  if (!field) return;
  const button = field.form.querySelector("[data-guarded]");
  if (button) button.disabled = field.value.trim() !== field.dataset.mustEqual;
});

// Filters apply as they are chosen; without scripts, and in the sheet that a phone makes of them, there is a button for it.
document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-instant]");
  const sheet = event.target.closest("[popover]");
  if (form && !(sheet && getComputedStyle(sheet).position === "fixed")) form.requestSubmit();
});

// A row of checkboxes: one for all, and an action bar that counts what is chosen.
document.addEventListener("change", (event) => {
  const table = event.target.closest("[data-choosing]");
  if (!table) return;
  const boxes = [...table.querySelectorAll("input[type=checkbox][name=chosen]")];
  if (event.target.matches("[data-choose-all]")) for (const box of boxes) box.checked = event.target.checked;
  const chosen = boxes.filter((box) => box.checked).length;
  for (const bar of document.querySelectorAll("[data-chosen-bar]")) bar.hidden = chosen === 0;
  for (const counter of document.querySelectorAll("[data-chosen-count]")) counter.textContent = String(chosen);
});

// Of tabs that a phone cannot show at once, the one that is looked at is shown.
for (const tab of document.querySelectorAll(".tabs [aria-current]")) {
  tab.closest("nav").scrollLeft = tab.offsetLeft - 16;
}

// Ages go on while a page stays open.
const relative = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "always" });
const steps = [["second", 60], ["minute", 60], ["hour", 24], ["day", 7], ["week", 4.35], ["month", 12], ["year", Infinity]];
const say = (at) => {
  let span = (new Date(at) - Date.now()) / 1000;
  for (const [unit, size] of steps) {
    if (Math.abs(span) < size) return relative.format(Math.round(span), unit);
    span /= size;
  }
  return at;
};
setInterval(() => {
  for (const time of document.querySelectorAll("time[data-live]")) time.textContent = say(time.dateTime);
}, 30000);
