// Proposals while a condition is written: facts, then the operators that go with one, then the values it can hold.
const MOST = 8;
const JOINTS = ["and", "or"];
const STARTS = ["not", "("];
const WORD = /[^\s(),]*$/;

let known = null;
let open = null;

/** Makes a combobox of the field (ARIA 1.2): the list is only ever a help, whatever is typed stays typed. */
export function complete(field, address) {
  field.setAttribute("role", "combobox");
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-expanded", "false");
  field.addEventListener("focus", () => { known ??= fetch(address).then((answer) => answer.json()); }, { once: true });
  field.addEventListener("input", () => propose(field));
  field.addEventListener("blur", close);
  field.addEventListener("keydown", (event) => press(event, field));
}

async function propose(field) {
  const { facts, members } = await known;
  if (document.activeElement !== field) return;
  const before = field.value.slice(0, field.selectionStart);
  const word = WORD.exec(before)[0];
  const options = find(before.slice(0, before.length - word.length), word, facts, members);
  if (options.length) draw(field, options, word);
  else close();
}

/** What may stand next: the last fact that is named, and how far behind it the text is, say so. */
function find(before, word, facts, members) {
  const tail = before.slice(Math.max(...[" and ", " or ", "(", "not "].map((joint) => before.lastIndexOf(joint) + joint.length), 0)).trimStart();
  const fact = facts.find(({ name }) => tail === `${name} ` || tail.startsWith(`${name} `));
  if (!fact) return tail.trim() ? [] : match(word, [...facts.map(({ name, label }) => [name, label]), ...STARTS.map((one) => [one, ""])]);
  const rest = tail.slice(fact.name.length + 1);
  const operator = fact.operators.find((phrase) => rest.startsWith(`${phrase} `));
  if (!operator) return match((rest + word).trimStart(), fact.operators.map((phrase) => [phrase, ""]), rest.length);
  if (operator === "is known" || operator === "is unknown") return match(word, JOINTS.map((one) => [one, ""]));
  const behind = rest.slice(operator.length + 1).trim();
  if (behind && !behind.endsWith(",")) return match(word, JOINTS.map((one) => [one, ""]));
  return match(word, valuesOf(fact, members).map((value) => [value, ""]));
}

function valuesOf(fact, members) {
  if (fact.values.length) return fact.values;
  if (fact.type === "boolean") return ["true", "false"];
  return members[fact.name.split(".")[0]] ?? [];
}

/** Those that begin with what is written first; `back`: signs before the word that belong to it as well. */
function match(written, pairs, back = 0) {
  const text = written.toLowerCase();
  const starts = pairs.filter(([name]) => name.startsWith(text) && name !== text);
  const holds = text ? pairs.filter(([name, label]) => !name.startsWith(text) && (name.includes(text) || label.toLowerCase().includes(text))) : [];
  return [...starts, ...holds].slice(0, MOST).map(([name, label]) => ({ name, label, back }));
}

function draw(field, options, word) {
  close();
  const list = document.createElement("ul");
  list.id = `${field.id}-options`;
  list.className = "options";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", field.labels[0].textContent);
  options.forEach((option, number) => list.append(item(field, option, number, word)));
  field.after(list);
  field.setAttribute("aria-expanded", "true");
  field.setAttribute("aria-controls", list.id);
  open = { field, list, at: -1 };
}

function item(field, { name, label, back }, number, word) {
  const one = document.createElement("li");
  one.id = `${field.id}-option-${number}`;
  one.setAttribute("role", "option");
  one.setAttribute("aria-selected", "false");
  one.append(Object.assign(document.createElement("code"), { textContent: name }), ` ${label}`);
  one.addEventListener("mousedown", (event) => event.preventDefault());
  one.addEventListener("click", () => take(field, name, word.length + back));
  one.take = () => take(field, name, word.length + back);
  return one;
}

function take(field, name, length) {
  const end = field.selectionStart;
  field.setRangeText(`${name} `, end - length, end, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function press(event, field) {
  if (open?.field !== field) return;
  const steps = { ArrowDown: 1, ArrowUp: -1 };
  if (event.key in steps) choose(open.at + steps[event.key]);
  else if (event.key === "Escape") close();
  else if (event.key === "Enter" && open.at >= 0) open.list.children[open.at].take();
  else return;
  event.preventDefault();
}

function choose(at) {
  const options = [...open.list.children];
  open.at = (at + options.length) % options.length;
  options.forEach((one, number) => one.setAttribute("aria-selected", number === open.at));
  options[open.at].scrollIntoView({ block: "nearest" });
  open.field.setAttribute("aria-activedescendant", options[open.at].id);
}

function close() {
  if (!open) return;
  open.field.setAttribute("aria-expanded", "false");
  open.field.removeAttribute("aria-activedescendant");
  open.field.removeAttribute("aria-controls");
  open.list.remove();
  open = null;
}
