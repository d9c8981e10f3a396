// The action bar, and the panels that open above it: reasons, recent decisions, help.

import { ariaKey, keyName } from "./actions.js";
import { append, el, kbd } from "./dom.js";
import { textIn } from "./turns.js";

/** A button of the bar, with its key on it. */
export function actionButton(action, run) {
  return el("button", {
    type: "button", class: `act ${action.tone}`, "data-action": action.id, "aria-keyshortcuts": action.key && ariaKey(action.key),
    onClick: (event) => run(action.id, event),
  }, el("span", { class: "sign", "aria-hidden": "true" }, action.sign), el("span", { class: "label" }, action.text), action.key ? kbd(keyName(action.key)) : null);
}

/** A panel above the bar. Esc and its own button close it. */
export function panel(name, title, close, ...children) {
  return el("section", { class: `panel ${name}`, role: "group", tabindex: "-1", "aria-label": title },
    append(el("header", {}), [el("h3", {}, title), el("button", { type: "button", class: "close", onClick: close, "aria-keyshortcuts": "Escape" }, "Close ", kbd("Esc"))]),
    children);
}

/** The reasons to reject, one a digit. */
export function reasonPanel(reasons, choose, close) {
  return panel("reasons", "Reject because", close, el("div", { class: "options" }, reasons.slice(0, 9).map((reason, i) => el("button", {
    type: "button", class: "option", "data-reason": reason.code, "aria-keyshortcuts": String(i + 1), onClick: (event) => choose(i, event),
  }, kbd(String(i + 1)), reason.text, reason.wants_note ? " …" : ""))));
}

/** One sentence for a reason that needs one. */
export function reasonNote(reason, text, send, close) {
  const input = el("input", { type: "text", dir: "auto", maxlength: 10000, "aria-label": `Why: ${reason.text}`, "data-reason-note": true, spellcheck: "false" });
  input.value = text;
  const body = el("div", { class: "row" }, input, el("button", { type: "button", class: "act bad", onClick: (event) => send(input.value, event) }, "Reject ", kbd("Enter")));
  return { box: panel("reasons", `Reject: ${reason.text}`, close, body), input };
}

/** My last decisions, newest first. */
export function recentPanel(recent, open, close) {
  return panel("recent", "Your last decisions", close, el("ol", {}, recent.map((one, i) => el("li", {},
    textIn(el("button", { type: "button", class: "option", dir: "auto", "data-recent": i, onClick: (event) => open(i, event) }), one.text)))));
}

/** What keys mean beside the buttons, as far as they mean something here. */
function otherKeys({ view, fields, look }) {
  const columns = { group: "keep that row, reject the others", adjudicate: "choose that vote" }[view.mode];
  return [
    view.reasons.length && view.allowed.includes("reject") ? ["X, then 1–9", "Reject with that reason"] : null,
    columns ? ["1–9", columns[0].toUpperCase() + columns.slice(1)] : null,
    fields.empty ? null : ["1–9", "Choose in the label set or scale with the strong frame"],
    fields.empty ? null : ["L", "Next label set, scale or field"],
    fields.hasSuggestions() ? ["Y", "Take the suggestions"] : null,
    ["V", "Raw text or rendered"],
    look.canDiff ? ["D", "Differences on or off"] : null,
    ["W", "Spaces and line ends on or off"],
    view.allowed.includes("edit") ? ["Ctrl+Enter", "In an edit: save, and approve exactly these characters"] : null,
    ["Esc", "Leave a field, a panel, an edit"],
  ].filter(Boolean);
}

/** The help sheet: what each key does here. */
export function helpSheet(pane, onClose) {
  const entry = ([key, text]) => el("div", {}, el("dt", {}, el("kbd", {}, key)), el("dd", {}, text));
  const list = (title, entries) => el("section", {}, el("h3", {}, title), el("dl", {}, entries.map(entry)));
  const sheet = el("dialog", { class: "help", "aria-label": "Keys", onClose },
    append(el("header", {}), [el("h2", {}, "Keys"), el("button", { type: "button", class: "close", onClick: () => sheet.close() }, "Close ", kbd("Esc"))]),
    el("div", { class: "lists" },
      list("Act", pane.actions.map((one) => [keyName(one.key), one.text])),
      list("Look and choose", otherKeys(pane))),
    el("p", { class: "hint" }, "Text is shown as it is trained: hidden characters stand as named tokens, and copying gives the real text. A held or doubled key decides nothing twice."));
  return sheet;
}
