// Requests with a bearer token that lives in this page's memory and nowhere else.

const EARLY = 30_000;
const PATIENCE = 8_000;
const base = location.pathname.replace(/[^/]*$/, "");

let token = "";
let expires = 0;
let starting = null;

/** Status 0: no answer came. `cause`: who switched us off, and why. */
export class Problem extends Error {
  constructor(status, { switched_off: switchedOff = false, detail = "" } = {}) {
    super(`status ${status}`);
    this.status = status;
    this.cause = switchedOff ? detail : "";
  }
}

/** The agent, or Problem 401 where nobody is signed in. */
export function start() {
  starting ??= askForToken().finally(() => { starting = null; });
  return starting;
}

export async function post(path, body, { signal, keepalive = false } = {}) {
  if (performance.now() > expires - EARLY) await start();
  let answer = await send(path, body, { signal, keepalive });
  if (answer.status === 401) {
    await start();
    answer = await send(path, body, { signal, keepalive });
  }
  return read(answer);
}

async function askForToken() {
  expires = 0;
  const answer = await read(await send("session", {}));
  token = answer.token;
  expires = performance.now() + answer.expires_in * 1000;
  return answer.agent;
}

async function send(path, body, { signal, keepalive } = {}) {
  const limit = AbortSignal.timeout(PATIENCE);
  try {
    return await fetch(base + path, {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        "Accept-Language": document.documentElement.lang,
        ...(token && { Authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify(body),
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
      keepalive,
      cache: "no-store",
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Problem(0);
  }
}

async function read(answer) {
  if (answer.status === 503) throw new Problem(503, await answer.json().catch(() => ({})));
  if (!answer.ok) throw new Problem(answer.status);
  return answer.status === 204 ? null : answer.json();
}
