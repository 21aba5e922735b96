// Keyboard and clicks. Single keys work only while a suggestion has the focus.
import { applyUpdates, choosePersona, noteAnswer, refresh, retry, show } from "./customer.js";
import { addLine, closeDeals, toggleDeals } from "./deals.js";
import { closeMenu, current, isMenuOpen, items, move, open, openMenu, title, walkMenu } from "./list.js";
import { focusBox } from "./lookup.js";
import { decline, offer, offerByVoice, sayYes } from "./outcomes.js";
import { byId } from "./page.js";
import { canUndo, undo } from "./undo.js";
import { give, takeBackGift } from "./wallet.js";
import { askAgain, focusProduct, listenToProduct } from "./whynot.js";

const ACTS = {
  offer: ({ item }) => offer(item),
  voice: ({ item }) => offerByVoice(item),
  decline: ({ item }) => toggleMenu(item, false),
  "said-yes": ({ item }) => sayYes(item),
  "said-no": ({ item }) => toggleMenu(item, true),
  deals: ({ button }) => toggleDeals(button),
  "add-line": ({ button, item }) => addLine(item, button),
  give: ({ item }) => give(item),
  "take-back": ({ button, item }) => takeBackGift(item, button),
  undo: () => undo(),
  answer: ({ button }) => noteAnswer(button.dataset.fact, button.dataset.value ?? null),
  persona: ({ button }) => choosePersona("proposed" in button.dataset ? { proposed: true } : { persona: button.dataset.persona ?? null }),
  refresh: () => refresh(),
  retry: () => retry(),
  help: () => byId("help").showModal(),
  "look-up": () => focusBox(),
  "why-not": ({ button }) => askAgain(button.dataset.sku),
  "as-ref": ({ button }) => show({ ref: button.dataset.ref }),
  pick: ({ button }) => show({ customer: Number(button.dataset.customer) }),
};

const LIST_KEYS = {
  ArrowDown: (item) => move(item, 1),
  ArrowUp: (item) => move(item, -1),
  Home: () => open(items()[0], { focus: true }),
  End: () => open(items().at(-1), { focus: true }),
  Delete: (item) => openMenu(item),
  Backspace: (item) => openMenu(item),
  "/": () => focusProduct(),
  "?": () => byId("help").showModal(),
  Escape: (item) => back(item),
};

export function listen() {
  document.addEventListener("click", onClick);
  document.addEventListener("keydown", onKey);
  byId("updates").addEventListener("click", applyUpdates);
  listenToProduct();
}

function onClick({ target }) {
  const button = target.closest("button");
  if (!button) return;
  const item = button.closest(".suggestion");
  if (button.dataset.do) run(ACTS[button.dataset.do]({ button, item }));
  else if (button.dataset.act) run(decline(item, button));
  else if (button.matches(".title")) open(item, { focus: true });
  else if (button.getAttribute("aria-controls")?.startsWith("why-")) togglePanel(button);
}

function onKey(event) {
  const number = event.altKey && !event.ctrlKey && !event.metaKey && !event.getModifierState("AltGraph") && /^Digit([1-3])$/.exec(event.code);
  if (number) return use(event, () => insertNumber(Number(number[1])));
  if ((event.ctrlKey || event.metaKey) && !event.shiftKey && event.key === "z" && !isTyping(event) && canUndo()) return use(event, undo);
  if (event.altKey || event.ctrlKey || event.metaKey) return undefined;
  if (event.target === byId("key")) return onBoxKey(event);
  if (event.target.closest("#why-not")) return onProductKey(event);
  const item = event.target.closest(".suggestion");
  if (!item) return undefined;
  return event.target.closest("[role=menu]") ? onMenuKey(event, item) : onListKey(event, item);
}

function onBoxKey(event) {
  const to = ["ArrowDown", "Escape"].includes(event.key) && current();
  if (to) use(event, () => title(to).focus());
}

function onProductKey(event) {
  if (event.key === "Escape") use(event, () => (current() ? title(current()) : byId("key")).focus());
}

function onListKey(event, item) {
  const act = LIST_KEYS[event.key];
  if (act) use(event, () => act(item));
  else if (event.key === "Enter" && event.target.matches(".title")) use(event, () => event.repeat || offer(item));
}

function onMenuKey(event, item) {
  if (event.key === "Tab") return closeMenu(item);
  if (event.key === "Escape") return use(event, () => back(item));
  const choice = walkMenu(item, event.key);
  if (choice) return use(event, () => decline(item, choice));
  if (/^(Arrow|Home|End)/.test(event.key)) event.preventDefault();
  return undefined;
}

function use(event, act) {
  event.preventDefault();
  run(act());
}

/** An answer that came too late for its page is nobody's error. */
function run(result) {
  result?.catch?.((error) => { if (error.constructor.name !== "Stale") throw error; });
}

function insertNumber(number) {
  const item = items()[number - 1];
  return item && offer(item);
}

function toggleMenu(item, answer) {
  if (isMenuOpen(item)) back(item);
  else openMenu(item, { answer });
}

function back(item) {
  closeMenu(item);
  closeDeals(item);
  const opened = item.querySelector(".why-button[aria-expanded=true]");
  if (opened) togglePanel(opened);
  title(item).focus();
}

function togglePanel(button) {
  const wasOpen = button.getAttribute("aria-expanded") === "true";
  const around = button.closest(".suggestion") ?? byId("who");
  for (const other of around.querySelectorAll("[aria-controls^=why-]")) {
    const isOpen = other === button && !wasOpen;
    other.setAttribute("aria-expanded", String(isOpen));
    byId(other.getAttribute("aria-controls")).hidden = !isOpen;
  }
}

const isTyping = (event) => event.target.matches("input, textarea");
