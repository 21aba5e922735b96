// Puts the page together: who the customer is comes from the post, the fragment, the host or the look-up box.
import { start } from "./api.js";
import { connect } from "./bridge.js";
import { show } from "./customer.js";
import { listen } from "./keys.js";
import { listenToBox } from "./lookup.js";
import { identity, languageIsGiven, languages, tell } from "./page.js";

const TICK = 10_000;
const root = document.documentElement;
const given = { ...identity, ...window.identityFromFragment };

const keysOf = ({ email, phone, ref }) => Object.fromEntries(Object.entries({ email, phone, ref }).filter(([, text]) => text).map(([name, text]) => [name, String(text)]));

// theme.js leaves without identity where it is loading the page anew in another language.
if (window.identityFromFragment) begin();

function begin() {
  listen();
  listenToBox();
  connect({
    onContext: (context) => show(keysOf(context), context.conversation),
    onTheme: (theme) => { root.dataset.theme = theme; },
    onVerbs: (verbs) => { document.body.dataset.can = verbs.has("insert") ? "insert" : "copy"; },
  });
  show(keysOf(given), given.conversation);
  start().then(speak, () => {});
  setInterval(tell, TICK);
}

/** The agent's own language, where the chat tool named none. */
function speak({ locale }) {
  if (languageIsGiven || !locale || locale === root.lang || !languages.includes(locale)) return;
  const known = Object.entries({ ...given, theme: root.dataset.theme }).filter(([, text]) => text);
  location.replace(`?locale=${locale}#${new URLSearchParams(known)}`);
}
