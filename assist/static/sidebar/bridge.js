// What the chat tool around us can do. The generic host speaks the messages described in docs/generic-host.md;
// without a handshake from an allowed origin there is no host, and text is copied.
import { origins } from "./page.js";

const VERSION = 1;
const PATIENCE = 1_500;
const host = window.parent !== window ? window.parent : window.opener;
const waiting = new Map();

let origin = null;
let verbs = new Set();
let sent = 0;

export const can = (verb) => verbs.has(verb);

/** Calls back with each conversation, theme and set of verbs that the host tells. */
export function connect({ onContext, onTheme, onVerbs }) {
  if (!host) return;
  addEventListener("message", (event) => {
    if (event.source !== host || !origins.includes(event.origin) || event.data?.version !== VERSION) return;
    hear(event, { onContext, onTheme, onVerbs });
  });
  for (const allowed of origins) host.postMessage({ type: "sales-assist:hello", version: VERSION }, allowed);
}

/** Resolves to false where the host refuses or stays silent. */
export function insert(text, key) {
  sent += 1;
  const id = sent;
  host.postMessage({ type: "sales-assist:insert", version: VERSION, id, key, text }, origin);
  return new Promise((resolve) => {
    waiting.set(id, resolve);
    setTimeout(() => settle(id, false), PATIENCE);
  });
}

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyOldWay(text);
  }
}

function hear({ origin: from, data }, { onContext, onTheme, onVerbs }) {
  if (data.type === "sales-assist:ready") {
    origin = from;
    verbs = new Set(Array.isArray(data.can) ? data.can : []);
    onVerbs(verbs);
  }
  if (origin === null) return;
  if (data.theme === "light" || data.theme === "dark") onTheme(data.theme);
  if (data.context) onContext(data.context);
  if (data.type === "sales-assist:inserted") settle(data.id, true);
  if (data.type === "sales-assist:refused") settle(data.id, false);
}

function settle(id, done) {
  waiting.get(id)?.(done);
  waiting.delete(id);
}

/** Frames without the clipboard permission still may copy a selection within a key press or click. */
function copyOldWay(text) {
  const focused = document.activeElement;
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "unseen";
  document.body.append(area);
  area.select();
  try {
    return document.execCommand("copy");
  } finally {
    area.remove();
    focused?.focus();
  }
}
