// What an agent did reaches the server, whatever becomes of the connection meanwhile.
import { post } from "./api.js";

const RETRY_AFTER = 1_000;

/** Sent again under the same id where no answer came: what is recorded once stays recorded once.
 *  It counts even where the agent has moved on to the next conversation, so nothing aborts it. */
export async function save(path, body, tries = 3) {
  try {
    return await post(path, body, { keepalive: true });
  } catch (error) {
    if (error.status !== 0 || tries === 1) throw error;
    await new Promise((resolve) => { setTimeout(resolve, RETRY_AFTER); });
    return save(path, body, tries - 1);
  }
}

// crypto.randomUUID is missing where the page came by plain http.
export const newId = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
