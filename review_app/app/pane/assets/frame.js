// The pane's frame: top line, notices, the head of the item, the bar with its lock.

import { actionsOf } from "./actions.js";
import { actionButton } from "./bar.js";
import { append, chip, count, el, kbd } from "./dom.js";
import { textIn } from "./turns.js";

/** Every part of the frame by name; `box` holds them all. */
export function buildFrame({ lease, rail, look }) {
  const parts = {
    live: el("p", { class: "sr", "aria-live": "polite" }),
    progress: el("span", { class: "progress" }),
    saved: el("span", { class: "saved" }),
    notice: el("div", { class: "notice", role: "status", hidden: true }),
    what: el("div", { class: "what" }),
    draft: el("p", { class: "draft", hidden: true }),
    item: el("div", { class: "item", tabindex: "-1", role: "group", "aria-label": "Item" }),
    panels: el("div", { class: "panels" }),
    bar: el("div", { class: "buttons", role: "toolbar", "aria-label": "Decide" }),
    state: el("p", { class: "state", role: "status", hidden: true }),
  };
  parts.head = el("header", { class: "itemhead" }, parts.what, look, parts.draft);
  parts.box = el("section", { class: "pane", "aria-label": "Review" },
    parts.live,
    el("div", { class: "top" }, parts.progress, lease, parts.saved),
    parts.notice,
    el("div", { class: "body" }, el("div", { class: "main" }, parts.head, parts.item), rail),
    el("div", { class: "dock" }, parts.panels, parts.state, parts.bar));
  return parts;
}

export function drawTop({ progress, saved }, view) {
  progress.textContent = view.progress ?? "";
  saved.replaceChildren();
  if (!view.last) return;
  append(saved, [el("span", { class: "tick", "aria-hidden": "true" }, "✓ "), textIn(el("span", {}), view.last.text), view.last.chips.map(chip)]);
}

/** Title and source; where an unsaved edit waits, the way back to it. */
export function drawHead(pane) {
  const { view, frame } = pane;
  const row = view.mode === "review" ? view.rows[0] : null;
  frame.head.hidden = !view.rows.length;
  frame.what.replaceChildren();
  append(frame.what, [
    el("h2", {}, view.title),
    row?.source ? textIn(el("span", { class: "who", dir: "auto" }), row.source) : null,
    view.mode === "group" ? el("span", { class: "who" }, count(view.rows.length, "row")) : null,
    row?.tokens ? el("span", { class: "who" }, row.tokens) : null,
    row?.flagged ? el("span", { class: "flagged" }, "⚑ flagged") : null,
  ]);
  const waits = view.rows.length > 0 && !pane.editor && view.allowed.includes("edit") && Object.keys(pane.kept().edits ?? {}).length > 0;
  frame.draft.hidden = !waits;
  frame.draft.replaceChildren();
  if (!waits) return;
  append(frame.draft, ["You have an unsaved edit here. ",
    view.mode === "review" ? el("button", { type: "button", class: "small", onClick: (event) => pane.run("edit", event) }, "Go on ", kbd("E")) : null,
    el("button", { type: "button", class: "small", onClick: () => pane.discard() }, "Throw it away")]);
}

/** The bar as it fits what is open; buttons stay the same elements while it does not change. */
export function drawBar(pane) {
  const { view, frame } = pane;
  pane.actions = actionsOf(view);
  const shown = pane.editor ? editActions(view) : pane.marked ? markActions(pane.marked.size) : pane.actions;
  const signature = JSON.stringify(shown);
  if (signature !== pane.barDrawn) {
    const focused = frame.box.getRootNode().activeElement?.dataset?.action;
    const group = (minor) => el("div", { class: minor ? "minor" : "major" },
      shown.filter((one) => one.minor === minor).map((one) => actionButton(one, (id, event) => pane.run(id, event))));
    frame.bar.replaceChildren(...[group(false), group(true)].filter((box) => box.childElementCount));
    if (focused) frame.bar.querySelector(`[data-action="${focused}"]`)?.focus();
    pane.barDrawn = signature;
  }
  showLock(pane);
}

/** Buttons that decide stand off while a message is open; they keep the focus. */
export function showLock(pane) {
  const { frame, sender, gate, view } = pane;
  frame.box.toggleAttribute("data-ready", !sender.locked && gate.painted !== null && view.rows.length > 0);
  frame.box.setAttribute("aria-busy", String(sender.locked));
  for (const button of frame.box.querySelectorAll(".buttons .act, .choose")) {
    button.setAttribute("aria-disabled", String(sender.locked && button.dataset.action !== "help"));
  }
}

/** What became of the message: nothing to tell, "saving", or "stuck" with a way to send it again. */
export function showSending(pane, state) {
  const { frame } = pane;
  frame.state.hidden = state !== "saving" && state !== "stuck";
  frame.state.replaceChildren();
  if (state === "saving") frame.state.append("Saving …");
  if (state === "stuck") {
    append(frame.state, [el("strong", {}, "! No answer from the server yet. "), "Nothing is lost: your decision and your text are kept here. ",
      el("button", { type: "button", class: "small", "data-again": true, onClick: () => pane.sender.again() }, "Send again")]);
  }
  if (pane.view) showLock(pane);
}

/** A sentence above the item; null clears it. */
export function say({ notice: box }, notice) {
  box.hidden = !notice;
  box.replaceChildren();
  if (!notice) return;
  const kind = notice.kind ?? "info";
  box.className = `notice ${kind}`;
  append(box, [el("span", { class: "sign", "aria-hidden": "true" }, { ok: "✓", warn: "!", bad: "✕" }[kind] ?? "i"),
    textIn(el("strong", { dir: "auto" }), notice.text), notice.fix ? textIn(el("span", { class: "fix", dir: "auto" }), notice.fix) : null]);
}

/** The bar stands at the window's end, also below a short item. */
export function fillHeight({ box }) {
  const top = box.getBoundingClientRect().top + (scroller(box)?.scrollTop ?? 0);
  box.style.setProperty("--above", `${Math.max(0, Math.round(top))}px`);
}

function scroller(node) {
  let up = node;
  while (up) {
    if (up instanceof Element && /auto|scroll/.test(getComputedStyle(up).overflowY)) return up;
    up = up.parentNode ?? up.host ?? null;
  }
  return null;
}

const editActions = (view) => [
  { id: "save", key: "Control+Enter", text: view.mode === "pair" ? "Save and prefer" : "Save and approve", sign: "✓", tone: "good", minor: false },
  { id: "close", key: "Escape", text: "Close, keep the draft", sign: "←", tone: "", minor: false },
  { id: "discard", key: null, text: "Throw the edit away", sign: "✕", tone: "bad", minor: false },
];

const markActions = (marked) => [
  { id: "keep-marked", key: "k", text: `Keep the ${count(marked, "marked row")}`, sign: "☑", tone: "good", minor: false },
  { id: "close", key: "Escape", text: "Leave", sign: "←", tone: "", minor: false },
];

/** What a screen reader hears of a new item. */
export function announcement(view) {
  if (!view.rows.length) return view.empty;
  const turns = count(view.rows[0].messages.length, "turn");
  const names = {
    review: () => `Row ${view.rows[0].source}, ${turns}`,
    group: () => `Group of ${view.rows.length} rows`,
    pair: () => "Two answers to compare, A and B",
    adjudicate: () => `Disagreement, ${count(view.rows.length, "column")}`,
  };
  return names[view.mode]();
}
