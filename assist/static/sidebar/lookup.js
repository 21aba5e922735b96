// The look-up box: one field for e-mail, phone or CRM id.
import { show } from "./customer.js";
import { byId } from "./page.js";

const PHONE = /^\+?[\d\s().\-/]+$/;
const FEWEST_DIGITS = 8;

/** Short numbers are CRM ids; phones come with their area code. */
export function classify(text) {
  const key = text.trim();
  if (key.includes("@")) return { email: key };
  const digits = key.replace(/\D/g, "").length;
  if (PHONE.test(key) && (key.startsWith("+") || digits >= FEWEST_DIGITS)) return { phone: key };
  return { ref: key };
}

export function focusBox() {
  byId("key").focus();
  byId("key").select();
}

export function listenToBox() {
  byId("look-up").addEventListener("submit", (event) => {
    event.preventDefault();
    const text = byId("key").value.trim();
    if (text) show(classify(text));
  });
}
