// Which suggestions were on the screen: shown when rendered, viewed when half visible for a second.
import { post, Problem } from "./api.js";
import { items } from "./list.js";

const SECOND = 1_000;
const TOGETHER = 200;

let observer = null;
let timers = new Map();
let viewed = new Set();
let flushing = 0;

export function reportShown(ids) {
  observer?.disconnect();
  timers.forEach(clearTimeout);
  timers = new Map();
  if (!ids.length) return;
  report("shown", ids);
  observer = new IntersectionObserver(note, { threshold: 0.5 });
  items().forEach((item) => observer.observe(item));
}

function note(entries) {
  for (const { target, isIntersecting } of entries) {
    clearTimeout(timers.get(target));
    if (isIntersecting) timers.set(target, setTimeout(view, SECOND, target));
  }
}

function view(item) {
  if (document.hidden) {
    document.addEventListener("visibilitychange", () => timers.set(item, setTimeout(view, SECOND, item)), { once: true });
    return;
  }
  observer.unobserve(item);
  viewed.add(item.dataset.id);
  clearTimeout(flushing);
  flushing = setTimeout(flush, TOGETHER);
}

function flush() {
  report("viewed", [...viewed]);
  viewed = new Set();
}

/** A lost event is not worth disturbing anybody. */
async function report(kind, suggestions) {
  try {
    await post("events", { kind, suggestions }, { keepalive: true });
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
  }
}
