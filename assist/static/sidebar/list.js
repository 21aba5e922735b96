// The list of suggestions: one is open, one is the tab stop, and a menu of reasons may be open in it.
import { byId } from "./page.js";

export const items = () => [...byId("list").querySelectorAll(".suggestion")];
export const title = (item) => item.querySelector(".title");
export const current = () => items().find((item) => title(item).tabIndex === 0);
export const nameOf = (item) => item.querySelector(".product bdi").textContent;

const menu = (item) => item.querySelector("[role=menu]");
const choices = (item) => [...menu(item).querySelectorAll("[role=menuitem]")].filter((choice) => choice.offsetParent);

/** After a list was put in place: what was decided before is folded. */
export function adopt() {
  const undecided = items().find((item) => !isDecided(item));
  if (undecided) open(undecided);
}

export function open(chosen, { focus = false } = {}) {
  for (const item of items()) {
    const isChosen = item === chosen;
    title(item).setAttribute("aria-expanded", String(isChosen));
    title(item).tabIndex = isChosen ? 0 : -1;
    item.querySelector(".body").hidden = !isChosen;
    if (!isChosen) closeMenu(item);
  }
  if (focus) title(chosen).focus();
}

export function move(item, step) {
  const all = items();
  const next = all[all.indexOf(item) + step];
  if (next) open(next, { focus: true });
}

/** The next one that still waits for a word, after a decline. */
export function openNext(item, { focus }) {
  const all = items();
  const after = [...all.slice(all.indexOf(item) + 1), ...all].find((other) => !isDecided(other));
  open(after ?? item, { focus });
}

/** `answer`: only what a customer may have said. */
export function openMenu(item, { answer = false } = {}) {
  open(item);
  menu(item).classList.toggle("answer", answer);
  menu(item).hidden = false;
  for (const button of menuButtons(item)) {
    button.setAttribute("aria-expanded", String((button.dataset.do === "said-no") === answer));
  }
  choices(item)[0].focus();
  menu(item).scrollIntoView({ block: "nearest" });
}

export function closeMenu(item) {
  menu(item).hidden = true;
  for (const button of menuButtons(item)) button.setAttribute("aria-expanded", "false");
}

export function isMenuOpen(item) {
  return !menu(item).hidden;
}

/** Arrows, Home and End within the open menu; a digit returns the choice it names. */
export function walkMenu(item, key) {
  const all = choices(item);
  const at = all.indexOf(document.activeElement);
  const target = { ArrowDown: at + 1, ArrowRight: at + 1, ArrowUp: at - 1, ArrowLeft: at - 1, Home: 0, End: -1 }[key];
  if (target !== undefined) all.at(target % all.length).focus();
  return all.find((choice) => choice.dataset.digit === key);
}

const menuButtons = (item) => item.querySelectorAll("[aria-haspopup=menu]");
const isDecided = (item) => ["declined", "wrong_data", "accepted"].includes(item.dataset.state);
