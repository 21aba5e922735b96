// Why not: any product, asked beneath the list by SKU or name.
import { Problem } from "./api.js";
import { ask, now, Stale } from "./context.js";
import { byId, parts, say, tell, warn } from "./page.js";

export function focusProduct() {
  byId("product").focus();
  byId("product").select();
}

export function listenToProduct() {
  byId("why-not").addEventListener("submit", (event) => {
    event.preventDefault();
    const product = byId("product").value.trim();
    if (product) askWhyNot(product);
  });
}

/** One of several products that the words could have meant. */
export function askAgain(sku) {
  byId("product").value = sku;
  byId("product").focus();
  return askWhyNot(sku);
}

async function askWhyNot(product) {
  const context = now();
  try {
    const answer = await ask(context, "why-not", { customer: context.customer, product, decision: context.decision });
    byId("why-not-answer").replaceChildren(parts(answer.html).get("why-not"));
    tell();
  } catch (error) {
    if (error instanceof Stale || error.name === "AbortError") return;
    if (!(error instanceof Problem)) throw error;
    warn(say("notAnswered"));
  }
}
