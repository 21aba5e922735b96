// What the CRM has been told: looked at calmly after an act, until nothing waits.
import { post, Problem } from "./api.js";
import { check, now, Stale } from "./context.js";
import { parts, patch } from "./page.js";

const WAITS = [2, 3, 5, 8, 15, 30, 60];

let watching = 0;

export async function watch(undoSeconds) {
  watching += 1;
  const mine = watching;
  const context = now();
  for (const seconds of [0, undoSeconds + 1, ...WAITS]) {
    await new Promise((resolve) => { setTimeout(resolve, seconds * 1000); });
    if (mine !== watching || context !== now()) return;
    if (await look(context) === 0) return;
  }
}

/** How many writes wait; null where that cannot be told now. */
async function look(context) {
  try {
    const answer = await post("state", { customer: context.customer }, { signal: context.controller.signal });
    check(context);
    const line = parts(answer.html).get("write-back");
    patch("write-back", line);
    return Number(line.dataset.waiting);
  } catch (error) {
    if (error instanceof Problem || error instanceof Stale || error.name === "AbortError") return null;
    throw error;
  }
}
