// What the agent does with a suggestion, and what the customer answered.
import { Problem } from "./api.js";
import { can, copy, insert } from "./bridge.js";
import { check, now } from "./context.js";
import { fail, reconsider } from "./customer.js";
import { closeMenu, nameOf, open, openNext, title } from "./list.js";
import { announce, byId, calm, say, warn } from "./page.js";
import { newId, save } from "./saving.js";
import { offerUndo, underWay } from "./undo.js";
import { showWallet } from "./wallet.js";
import { watch } from "./writeback.js";

/** Hands the talk track over and notes it; a second time it is only handed over. */
export const offer = (item) => underWay(handAndNote(item));

async function handAndNote(item) {
  const context = now();
  const text = context.texts.get(item.dataset.id);
  if (!text) return;
  open(item);
  const channel = await hand(text, context);
  if (channel === null) return warn(say("notCopied"));
  check(context);
  if (["offered", "accepted"].includes(item.dataset.state)) return announce(say(channel === "insert" ? "inserted" : "copied"));
  await record(item, { act: "offered", channel }, say(channel === "insert" ? "inserted" : "copied"));
}

export const offerByVoice = (item) => record(item, { act: "offered", channel: "voice" }, say("voice"));

export const sayYes = (item) => record(item, { act: "accepted" }, say("accepted"));

/** `choice`: the reason's button in the menu. */
export async function decline(item, choice) {
  const { act, reason, days } = choice.dataset;
  title(item).focus();
  closeMenu(item);
  const body = { act, reason, ...(days && { days: Number(days) }) };
  await record(item, body, `${say(act)}: ${choice.getAttribute("aria-label") ?? choice.lastElementChild.textContent}`, { stops: "stops" in choice.dataset });
}

/** "insert", "copy", or null where the browser refuses both. */
async function hand(text, context) {
  check(context);
  if (can("insert")) {
    if (await insert(text, context.key)) return "insert";
    warn(say("hostRefused"));
  }
  return (await copy(text)) ? "copy" : null;
}

async function record(item, body, words, { stops = false } = {}) {
  const context = now();
  const before = item.dataset.state;
  const hadFocus = item.contains(document.activeElement);
  calm();
  item.dataset.state = body.act;
  if (body.act === "declined" || body.act === "wrong_data") openNext(item, { focus: hadFocus });
  else if (hadFocus) title(item).focus();
  const saving = save("outcomes", { suggestion: item.dataset.id, id: newId(), ...body });
  offerUndo({ saving, what: `${words} · ${nameOf(item)}`, undone: () => takeBack(item, before, stops) });
  try {
    const saved = await saving;
    if (context !== now()) return;
    if (stops) await reconsider();
    else showWallet();
    watch(saved.undo_seconds);
  } catch (error) {
    item.dataset.state = before;
    complain(context, error);
  }
}

function takeBack(item, before, stops) {
  if (stops) return reconsider();
  item.dataset.state = before;
  open(item, { focus: document.activeElement !== byId("key") });
  showWallet();
  return watch(0);
}

function complain(context, error) {
  if (!(error instanceof Problem)) throw error;
  if (error.status === 401) fail(context, error);
  else warn(error.cause || say("notSaved"));
}
