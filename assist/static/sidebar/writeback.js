// What the CRM has been told: looked at calmly after an act, until nothing waits.
import { post, Problem } from "./api.js";
import { check, now, Stale } from "./context.js";
import { showLine } from "./deals.js";
import { items } from "./list.js";
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
    const suggestions = items().map((item) => item.dataset.id);
    const answer = await post("state", { customer: context.customer, suggestions }, { signal: context.controller.signal });
    check(context);
    for (const item of items()) if (item.dataset.id in answer.lines) showLine(item, answer.lines[item.dataset.id]);
    const line = parts(answer.html).get("write-back");
    patch("write-back", line);
    return Number(line.dataset.waiting);
  } catch (error) {
    if (error instanceof Problem || error instanceof Stale || error.name === "AbortError") return null;
    throw error;
  }
}
