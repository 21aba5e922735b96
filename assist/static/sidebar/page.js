// The page: what the server rendered into it, its slots, and what is announced.

const boot = JSON.parse(document.getElementById("boot").textContent);
const language = document.documentElement.lang;
const time = new Intl.DateTimeFormat(language, { timeStyle: "short" });

export const { identity, origins, languages, languageIsGiven } = boot;
export const byId = (id) => document.getElementById(id);
export const now = () => performance.now();

export function say(key, values = {}) {
  return Object.entries(values).reduce((text, [name, value]) => text.replaceAll(`{${name}}`, value), boot.strings[key]);
}

export function announce(text) {
  byId("announce").textContent = text;
}

/** What went wrong stays readable until the next act or customer. */
export function warn(text) {
  byId("note").textContent = text;
  byId("note").hidden = false;
  announce(text);
}

export function calm() {
  byId("note").hidden = true;
}

/** Empties every slot in the same task: nobody's data outlives their conversation. */
export function blank() {
  for (const slot of ["past", "wallet", "deals", "foot"]) byId(slot).replaceChildren();
  showState("loading");
  byId("list").replaceChildren(byId("state-list-loading").content.cloneNode(true));
  byId("updates").hidden = true;
  byId("why-not").hidden = true;
  byId("why-not-answer").replaceChildren();
  byId("product").value = "";
  calm();
  announce(say("blank"));
}

/** One of the states that the shell brings along, in place of the customer. */
export function showState(name) {
  byId("who").replaceChildren(byId(`state-${name}`).content.cloneNode(true));
  byId("list").replaceChildren();
}

/** The parts of rendered HTML by the slots they belong to. */
export function parts(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return new Map([...template.content.querySelectorAll("[data-slot]")].map((part) => [part.dataset.slot, part]));
}

export function place(slot, part) {
  byId(slot).replaceChildren(...(part ? [part] : []));
  tell();
}

/** The write-back line is a part of the foot, and changes alone. */
export function patch(name, part) {
  byId("foot").querySelector(`[data-slot="${name}"]`)?.replaceWith(part.cloneNode(true));
  tell();
}

/** The agent's own clock for times, and ages that grow while the page is open. */
export function tell() {
  for (const element of document.querySelectorAll("time[data-time]")) {
    element.textContent = time.format(new Date(element.dateTime));
  }
  for (const element of document.querySelectorAll("time[data-age]")) {
    const text = say("age", { age: age(new Date(element.dateTime)) });
    if (element.textContent !== text) element.textContent = text;
  }
}

function age(since) {
  const seconds = Math.max(0, Math.round((Date.now() - since) / 1000));
  const [unit, size] = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]].find(([, size]) => seconds >= size) ?? ["second", 1];
  const shown = new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "narrow" });
  return shown.format(Math.floor(seconds / size));
}

/** A part under the focus or the pointer, or where the agent opened or did something, waits until they ask. */
export function isTouched(slot) {
  const element = byId(slot);
  const traces = "[aria-expanded=true]:not(.title), details[open], [data-state]:not([data-state=''])";
  return element.matches(":hover, :focus-within") || element.querySelector(traces) !== null;
}
