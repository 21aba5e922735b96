// The form of a draft's part: what is written is checked by the server while it is written, and what it would do is told.
import { complete } from "./completion.js";

const PAUSE = 350;
const form = document.querySelector("[data-editor]");
const look = document.querySelector("[data-look]");

let timer = 0;
let asked = null;

for (const field of form.querySelectorAll("[data-sentence]")) complete(field, form.dataset.facts);
for (const area of form.querySelectorAll("textarea")) fit(area);

form.addEventListener("input", (event) => {
  if (event.target.matches("textarea")) fit(event.target);
  clearTimeout(timer);
  timer = setTimeout(check, PAUSE);
});

/** As tall as what is in it. */
function fit(area) {
  area.rows = Math.max(area.dataset.rows ??= area.rows, area.value.split("\n").length);
  while (area.scrollHeight > area.clientHeight + 2 && area.rows < 30) area.rows += 1;
}

async function check() {
  asked?.abort();
  asked = new AbortController();
  look.dataset.waiting = "";
  try {
    const body = new URLSearchParams(new FormData(form));
    body.set("do", "check");
    const answer = await fetch(location.href, { method: "POST", body, signal: asked.signal, headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    const { errors, live } = await answer.json();
    mark(errors);
    if (live !== null) place(live);
    delete look.dataset.waiting;
  } catch (error) {
    if (error.name !== "AbortError" && !(error instanceof TypeError)) throw error; // no connection: saving will tell
  }
}

function mark(errors) {
  for (const place of form.querySelectorAll(".error[id]")) {
    const name = place.id.slice(0, -"-error".length);
    tell(place, errors[name] ?? "");
    form.elements[name]?.setAttribute?.("aria-invalid", name in errors);
  }
}

function tell(place, text) {
  place.textContent = text;
  place.hidden = !text;
}

function place(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  look.replaceChildren(template.content);
}
