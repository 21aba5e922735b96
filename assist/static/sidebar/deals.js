// What the customer is about to buy, and putting a suggestion on it: by the agent's own choice, never by itself.
import { Problem } from "./api.js";
import { ask, now, Stale } from "./context.js";
import { items, nameOf, title } from "./list.js";
import { announce, byId, calm, parts, place, say, warn } from "./page.js";
import { newId, save } from "./saving.js";
import { offerUndo } from "./undo.js";
import { watch } from "./writeback.js";

/** Asked beside all else; without an answer there is simply nothing to add to. */
export async function showDeals() {
  const context = now();
  try {
    const found = parts((await ask(context, "deals", { customer: context.customer })).html);
    context.adding = found.get("add") ?? null;
    place("deals", found.get("deals"));
    equip();
  } catch (error) {
    if (!(error instanceof Problem || error instanceof Stale || error.name === "AbortError")) throw error;
  }
}

/** Gives each suggestion the control; it shows where the suggestion was offered. */
export function equip() {
  const { adding } = now();
  items().forEach((item, index) => {
    const slot = item.querySelector(".add");
    const former = slot.querySelector("[data-slot=add]");
    if (former?.contains(document.activeElement)) return;
    former?.remove();
    if (adding) slot.append(fit(adding.cloneNode(true), index + 1));
  });
}

export function toggleDeals(button) {
  const isOpen = button.getAttribute("aria-expanded") === "true";
  button.setAttribute("aria-expanded", String(!isOpen));
  button.nextElementSibling.hidden = isOpen;
  if (!isOpen) button.nextElementSibling.querySelector("button").focus();
}

/** Whether there was a list of deals to close. */
export function closeDeals(item) {
  const button = item.querySelector("[data-do=deals][aria-expanded=true]");
  if (button) toggleDeals(button);
  return Boolean(button);
}

export async function addLine(item, button) {
  const context = now();
  const what = `${button.textContent} · ${nameOf(item)}`;
  const saving = save("lines", { suggestion: item.dataset.id, deal: button.dataset.deal, id: newId() });
  calm();
  closeDeals(item);
  title(item).focus();
  offerUndo({ saving, what, path: "lines", undone: () => takeBack(item) });
  try {
    const saved = await saving;
    if (context !== now()) return;
    showLine(item, saved.html);
    announce(say("added"));
    watch(saved.undo_seconds);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    warn(say(error.status === 404 || error.status === 422 ? "notAdded" : "notSaved"));
  }
}

/** What became of a line; empty where there is none. */
export function showLine(item, html) {
  const slot = item.querySelector(".add");
  slot.querySelector(".added")?.remove();
  slot.insertAdjacentHTML("afterbegin", html);
}

function takeBack(item) {
  showLine(item, "");
  watch(0);
}

function fit(control, position) {
  const list = control.querySelector(".panel");
  if (list) {
    list.id = `deals-${position}`;
    control.querySelector("[data-do=deals]").setAttribute("aria-controls", list.id);
  }
  return control;
}
