// Keys of the office's working screens (applications/admin/keys.py). Everything works without this.
"use strict";

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  if (event.target.closest("input:not([type=radio]):not([type=checkbox]), textarea, select")) return;
  if (event.key === "?") return toggle(event);
  if (event.key === "j" || event.key === "k") return step(event);
  const name = event.key === "/" ? "#searchbar" : `[data-key="${CSS.escape(event.key)}"]`;
  const target = document.querySelector(name);
  if (!target || target.disabled) return;
  event.preventDefault();
  if ("press" in target.dataset) target.click();
  else go(target);
});

function go(target) {
  const closed = target.matches("summary") && target.parentElement;
  if (closed) closed.open = true;
  const chosen = target.type === "radio"
    && document.querySelector(`input[name="${CSS.escape(target.name)}"]:checked`);
  (chosen || target).focus();
}

function toggle(event) {
  const list = document.querySelector(".keys details, details.keys");
  if (!list) return;
  event.preventDefault();
  list.open = !list.open;
  if (list.open) list.querySelector("summary").focus();
}

function step(event) {
  const rows = [...document.querySelectorAll("#result_list tbody th a")];
  if (!rows.length) return;
  event.preventDefault();
  const here = rows.indexOf(document.activeElement);
  const next = event.key === "j" ? here + 1 : here - 1;
  rows[Math.max(0, Math.min(rows.length - 1, next))].focus();
}
