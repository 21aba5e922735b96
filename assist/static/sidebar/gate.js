// While nothing is sold, the page looks whether that still holds: what closed it is settled elsewhere.
import { Problem } from "./api.js";
import { ask, now, Stale } from "./context.js";
import { byId } from "./page.js";

const EVERY = 1_500;

let timer = 0;

/** `reopen` is called once when the cause on the page is no longer the one; a page that nobody sees does not ask. */
export function watchGate(reopen) {
  clearTimeout(timer);
  const shown = byId("list").querySelector("[data-gate]")?.dataset.gate;
  if (shown) timer = setTimeout(() => look(shown, reopen), EVERY);
}

async function look(shown, reopen) {
  const context = now();
  try {
    const { gate } = document.hidden ? { gate: shown } : await ask(context, "gate", { customer: context.customer });
    if (gate !== shown) return await reopen();
  } catch (error) {
    if (error instanceof Stale || error.name === "AbortError") return undefined;
    if (!(error instanceof Problem)) throw error;
  }
  return watchGate(reopen);
}
