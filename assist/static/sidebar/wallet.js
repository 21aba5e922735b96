// What the agent may still give this customer: asked after the list, and only where the policies know of it.
import { Problem } from "./api.js";
import { ask, now, Stale } from "./context.js";
import { items, title } from "./list.js";
import { announce, byId, calm, parts, place, say, warn } from "./page.js";
import { newId, save } from "./saving.js";

/** Nobody waits for it: without an answer there is simply nothing to give. */
export async function showWallet() {
  const context = now();
  if (!byId("list").querySelector("[data-wallet]")) return place("wallet");
  try {
    const answer = await ask(context, "wallet", { suggestions: items().map((item) => item.dataset.id) });
    place("wallet", parts(answer.html).get("wallet"));
    for (const item of items()) item.querySelector(".give").innerHTML = answer.chips[item.dataset.id] ?? "";
  } catch (error) {
    if (!(error instanceof Problem || error instanceof Stale || error.name === "AbortError")) throw error;
  }
  return undefined;
}

export const give = (item) => change(item, "concessions", { suggestion: item.dataset.id, id: newId() }, "given");

export const takeBackGift = (item, button) => change(item, `concessions/${button.dataset.concession}/undo`, {}, "takenBack");

async function change(item, path, body, words) {
  const context = now();
  calm();
  title(item).focus();
  try {
    const saved = await save(path, body);
    if (context !== now()) return;
    item.querySelector(".title .price").innerHTML = saved.price;
    item.querySelector(".talk bdi").textContent = saved.text;
    context.texts.set(item.dataset.id, saved.text);
    announce(say(words));
    await showWallet();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    warn(say(error.status === 409 || error.status === 422 ? "notGiven" : "notSaved"));
  }
}
