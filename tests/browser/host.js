// A chat tool as small as one can be: it shakes hands, tells contexts, and answers inserts with ANSWER.
const frame = document.querySelector("iframe");
const ours = location.origin;
let isReady = false;
let waiting = null;

function send(message) {
  frame.contentWindow.postMessage({ version: 1, ...message }, ours);
}

function tell(context) {
  if (isReady) send({ type: "sales-assist:context", context });
  else waiting = context;
}

function forgeFromSibling(context) {
  const sibling = document.createElement("iframe");
  document.body.append(sibling);
  sibling.contentWindow.eval(`parent.frames.sidebar.postMessage(${JSON.stringify({ type: "sales-assist:context", version: 1, context })}, "*")`);
}

addEventListener("message", ({ source, origin, data }) => {
  if (source !== frame.contentWindow || origin !== ours) return;
  if (data.type === "sales-assist:hello") {
    isReady = true;
    send({ type: "sales-assist:ready", can: ["insert"], ...(waiting && { context: waiting }) });
  }
  if (data.type === "sales-assist:insert") {
    if ("ANSWER" === "inserted") document.getElementById("reply").value += data.text;
    send({ type: "sales-assist:ANSWER", id: data.id });
  }
});
