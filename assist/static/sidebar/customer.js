// One customer from key to list: blank, card, suggestions, then what the live CRM adds.
import { Problem, start } from "./api.js";
import { ask, identify, now, open, Stale } from "./context.js";
import { equip, showDeals } from "./deals.js";
import { watchGate } from "./gate.js";
import { adopt } from "./list.js";
import { announce, blank, byId, isTouched, parts, patch, place, say, showState, warn } from "./page.js";
import { reportShown } from "./seen.js";
import { forget } from "./undo.js";
import { showWallet } from "./wallet.js";

const SLOTS = ["who", "past", "foot"];

let last = { keys: {}, conversation: "" };
let pending = [];

/** `keys`: email, phone, ref or customer. */
export async function show(keys, conversation) {
  last = { keys, conversation };
  const context = open(conversation);
  pending = [];
  forget();
  blank();
  try {
    await load(context, keys);
  } catch (error) {
    fail(context, error);
  }
}

export const retry = () => show(last.keys, last.conversation);

/** The decision again: after an outcome that stops or re-opens selling. */
export async function reconsider() {
  const context = now();
  try {
    showList(await ask(context, "suggestions", { customer: context.customer }));
  } catch (error) {
    fail(context, error);
  }
}

/** `choice`: a persona's key, null for none of them, or back to what is proposed. */
export const choosePersona = (choice) => tellWho("persona", choice);

/** `value`: what the customer said, null where that is taken back. */
export const noteAnswer = (fact, value) => tellWho("answers", { fact, value });

async function tellWho(path, word) {
  const context = now();
  try {
    const answer = await ask(context, path, { customer: context.customer, ...word });
    placeWho(parts(answer.html).get("who"));
    byId("who").querySelector(".chip.persona")?.focus();
    await reconsider();
    announce(say("updated"));
  } catch (error) {
    if (!(error instanceof Problem)) ignore(error);
    else warn(say("notSaved"));
  }
}

/** Ask the CRM itself; what changed is put in place, or offered where the agent is at work. */
export async function refresh() {
  const context = now();
  if (!context?.customer) return retry();
  showDeals();
  try {
    const answer = await ask(context, "refresh", { customer: context.customer });
    const silent = byId("list").querySelector(".suggestion") === null;
    const list = answer.changed || silent ? await ask(context, "suggestions", { customer: context.customer }) : null;
    take(parts(answer.html), list);
  } catch (error) {
    if (!(error instanceof Problem)) ignore(error);
  }
  return undefined;
}

export function applyUpdates() {
  const waiting = pending;
  pending = [];
  byId("updates").hidden = true;
  waiting.forEach((apply) => apply());
  announce(say("updated"));
}

async function load(context, keys) {
  const card = await ask(context, "card", keys);
  const found = parts(card.html);
  place("who", found.get("who"));
  if (card.customer === null) return leaveList(found);
  if (found.has("list")) place("list", found.get("list"));
  identify(context, card.customer);
  const list = await ask(context, "suggestions", { customer: card.customer });
  showList(list);
  place("past", found.get("past"));
  place("foot", found.get("foot"));
  announce(say("loaded", { name: byId("who").querySelector("h1").textContent, count: list.suggestions.length }));
  return refresh();
}

function leaveList() {
  byId("list").replaceChildren();
  announce(byId("who").querySelector("h1").textContent);
}

function showList(answer) {
  now().decision = answer.decision;
  now().texts = new Map(answer.suggestions.map(({ id, text }) => [id, text]));
  place("list", parts(answer.html).get("list"));
  byId("why-not").hidden = false;
  adopt();
  equip();
  showWallet();
  reportShown([...now().texts.keys()]);
  watchGate(reopen);
}

/** What closed the gate is settled: the list that this leads to is news. */
async function reopen() {
  await reconsider();
  announce(say("updated"));
}

function take(card, list) {
  patch("write-back", card.get("write-back"));
  patch("freshness", card.get("freshness"));
  if (!list) return;
  const apply = () => {
    placeWho(card.get("who"));
    card.delete("who");
    for (const slot of SLOTS) if (card.has(slot)) place(slot, card.get(slot));
    showList(list);
  };
  if (!["who", "list", "past"].some(isTouched)) apply();
  else offer(apply);
}

/** A card that was asked for by number: how the agent found the customer stays what it was. */
function placeWho(part) {
  part.querySelector(".matched").replaceWith(byId("who").querySelector(".matched"));
  place("who", part);
}

function offer(apply) {
  pending.push(apply);
  const chip = byId("updates");
  chip.textContent = say(pending.length === 1 ? "updates" : "updatesMany", { count: pending.length });
  chip.hidden = false;
  announce(chip.textContent);
}

/** The state that says what went wrong and what to do; aborted and stale requests are no failures. */
export function fail(context, error) {
  if (context !== now()) return;
  if (!(error instanceof Problem)) return ignore(error);
  const state = error.cause ? "switched-off" : { 0: "network", 401: "signed-out", 403: "forbidden" }[error.status] ?? "failed";
  for (const slot of ["past", "wallet", "deals", "foot"]) byId(slot).replaceChildren();
  byId("why-not").hidden = true;
  showState(state);
  if (error.cause) byId("who").querySelector(".state p").textContent = error.cause;
  announce(byId("who").querySelector("h1").textContent);
  if (state === "signed-out") waitForSignIn(context);
}

function ignore(error) {
  if (error instanceof Stale || error.name === "AbortError") return;
  throw error;
}

/** The agent signs in in another tab; coming back is enough. */
function waitForSignIn(context) {
  addEventListener("focus", async () => {
    if (context !== now()) return;
    await start().then(retry, () => waitForSignIn(context));
  }, { once: true });
}
