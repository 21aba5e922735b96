// Whose data may be on the page. Every request carries the key; an answer for another key is dropped.

import { post } from "./api.js";

const HOST = "generic";

let current = null;
let opened = 0;

export class Stale extends Error {}

/** A new conversation: whatever was under way for the former one is aborted. */
export function open(conversation) {
  current?.controller.abort();
  opened += 1;
  const name = conversation || `look-up-${Date.now().toString(36)}${opened}`;
  current = { conversation: name, key: `${HOST}|${name}|`, customer: null, decision: null, texts: new Map(), adding: null, controller: new AbortController() };
  return current;
}

export const now = () => current;

/** From here on the key names the customer too. */
export function identify(context, customer) {
  context.customer = customer;
  context.key = `${HOST}|${context.conversation}|${customer}`;
}

/** Raises Stale where the page has moved on, or the answer belongs elsewhere. */
export function check(context, key = context.key) {
  if (context !== current || key !== context.key) throw new Stale();
}

/** What the server says to this context; an answer that comes too late raises Stale. */
export async function ask(context, path, body) {
  const key = context.key;
  const answer = await post(path, { context: key, ...body }, { signal: context.controller.signal });
  check(context, answer.context);
  return answer;
}
