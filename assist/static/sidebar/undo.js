// What can still be taken back: the bar counts down in words, and is announced when it appears and before it goes.
import { post } from "./api.js";
import { announce, byId, now, say, warn } from "./page.js";

const LAST_CALL = 3;

let taken = [];
let pending = null;
let timer = 0;

/** What is still on its way to the chat tool or the clipboard is the next to take back: undoing waits for it. */
export async function underWay(handing) {
  pending = handing;
  try {
    await handing;
  } finally {
    if (pending === handing) pending = null;
  }
}

/** `saving` resolves to what was stored under `path`; the act can be taken back from the moment it was done. */
export async function offerUndo({ saving, what, undone, path = "outcomes" }) {
  const entry = { saving, what, undone, path, until: Infinity, isCalled: false };
  taken.push(entry);
  try {
    const { undo_seconds: seconds } = await saving;
    entry.until = now() + seconds * 1000;
    if (!taken.includes(entry) || seconds === 0) return;
    announce(say("undoFor", { what, seconds: Math.round(seconds) }));
    clearInterval(timer);
    timer = setInterval(draw, 250);
    draw();
  } catch {
    taken = taken.filter((other) => other !== entry); // whoever saves tells the agent that it failed
  }
}

export function forget() {
  taken = [];
  draw();
}

export const canUndo = () => taken.length > 0 || pending !== null;

export async function undo() {
  await pending?.catch(() => null);
  const entry = taken.pop();
  if (!entry) return;
  draw();
  try {
    const { id } = await entry.saving;
    await post(`${entry.path}/${id}/undo`, {});
    entry.undone();
    announce(say("undone"));
  } catch (error) {
    if (error.status !== 409 && entry.until < Infinity) taken.push(entry);
    warn(say(error.status === 409 ? "tooLate" : "notSaved"));
    draw();
  }
}

function draw() {
  taken = taken.filter((entry) => entry.until > now());
  const entry = taken.findLast(({ until }) => until < Infinity);
  byId("undo").hidden = !entry;
  if (!entry) return clearInterval(timer);
  const left = Math.ceil((entry.until - now()) / 1000);
  byId("undo-what").textContent = entry.what;
  byId("undo-left").textContent = `${left} s`;
  if (left <= LAST_CALL && !entry.isCalled) {
    entry.isCalled = true;
    announce(say("secondsLeft", { seconds: left }));
  }
  return undefined;
}
