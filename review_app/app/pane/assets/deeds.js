// What an action does: the press is checked, the event is built and sent once.

import { helpSheet, reasonNote, reasonPanel, recentPanel } from "./bar.js";

/**
 * Do what an action or key says.
 * @param press {at: when it went down, page time in ms; input: "key" or "mouse"}
 */
export function act(pane, id, press) {
  const [, name, place] = /^(\D+?)(?:-(\d+))?$/.exec(id);
  const deed = DEEDS[name];
  if (!deed) return;
  if (pane.sender.locked && !FREE.has(name)) return;
  deed(pane, press, place === undefined ? null : Number(place));
}

const FREE = new Set(["help", "close", "none"]);
const may = (pane, what) => pane.view.allowed.includes(what);

const DEEDS = {
  none: () => {},
  approve: (pane, press) => decide(pane, press, "approve", { ...rowOf(pane) }),
  reject: (pane, press) => {
    if (!pane.gate.counts(press.at) || editing(pane)) return;
    if (!pane.view.reasons.length) decide(pane, press, "reject", { ...rowOf(pane) });
    else pane.open("reasons", reasonPanel(pane.view.reasons, (i, event) => pane.run(`reason-${i}`, event), () => pane.close()));
  },
  reason: (pane, press, i) => {
    const reason = pane.view.reasons[i];
    if (!reason) return;
    pane.reason = reason;
    const note = pane.rail.note.value;
    if (!reason.wants_note || note.trim()) {
      if (decide(pane, press, "reject", { ...rowOf(pane), reason: reason.code })) pane.close();
      return;
    }
    const { box, input } = reasonNote(reason, note, (text, event) => pane.run("reason-note", event), () => pane.close());
    pane.reasonInput = input;
    pane.open("note", box, input);
  },
  "reason-note": (pane, press) => {
    const note = pane.reasonInput.value;
    if (!note.trim()) {
      pane.warn("This reason needs a sentence.");
      return;
    }
    if (decide(pane, press, "reject", { ...rowOf(pane), reason: pane.reason.code, note })) pane.close();
  },
  skip: (pane, press) => shown(pane, press) && send(pane, press, { kind: "skip" }, false),
  "keep-all": (pane, press) => keep(pane, press, pane.view.rows),
  "reject-all": (pane, press) => keep(pane, press, []),
  "keep-several": (pane) => {
    pane.mark(new Set());
    pane.say({ text: "Digits mark the rows to keep.", fix: "K keeps them and rejects the others; Esc leaves." });
  },
  mark: (pane, press, i) => mark(pane, i),
  "keep-marked": (pane, press) => {
    const rows = pane.view.rows.filter((row, i) => pane.marked?.has(i));
    if (rows.length) keep(pane, press, rows);
    else pane.warn("No row is marked.", "Digits mark rows; X rejects all.");
  },
  column: (pane, press, i) => {
    const row = pane.view.rows[i];
    if (!row || pane.editor) return;
    if (pane.marked) mark(pane, i);
    else if (pane.view.mode === "group") keep(pane, press, [row]);
    else if (pane.view.mode === "adjudicate" && may(pane, "choose")) {
      decide(pane, press, "choose", { row_id: row.row_id, content_id: row.content_id, choice: i });
    }
  },
  "prefer-left": (pane, press) => prefer(pane, press, pane.view.rows[0].side),
  "prefer-right": (pane, press) => prefer(pane, press, pane.view.rows[1].side),
  tie: (pane, press) => prefer(pane, press, "tie"),
  "both-bad": (pane, press) => prefer(pane, press, "both_bad"),
  edit: (pane, press) => edit(pane, press, pane.view.mode === "adjudicate" ? pane.active : 0),
  "edit-left": (pane, press) => edit(pane, press, 0),
  "edit-right": (pane, press) => edit(pane, press, 1),
  save: (pane, press) => save(pane, press),
  discard: (pane) => pane.discard(),
  close: (pane) => {
    if (pane.panel) pane.close();
    else if (pane.editor) pane.endEdit();
    else if (pane.marked) pane.mark(null);
  },
  flag: (pane, press) => {
    const row = pane.target();
    tell(pane, press, { kind: "flag", row_id: row.row_id, content_id: row.content_id, on: !row.flagged });
  },
  note: (pane) => {
    pane.rail.note.focus();
    pane.rail.note.scrollIntoView({ block: "nearest" });
  },
  "save-note": (pane, press) => {
    const row = pane.target();
    const note = pane.rail.note.value;
    if (note.trim()) tell(pane, press, { kind: "note", row_id: row.row_id, content_id: row.content_id, note }, { clearNote: note });
  },
  undo: (pane, press) => send(pane, press, { kind: "undo" }, false),
  recent: (pane) => {
    const box = recentPanel(pane.view.recent, (i, event) => pane.run(`open-${i}`, event), () => pane.close());
    pane.open("recent", box, box.querySelector(".option"));
  },
  open: (pane, press, i) => {
    const one = pane.view.recent[i];
    if (one) send(pane, press, { kind: "open", target: { task: one.task, item_id: one.item_id } }, false);
  },
  help: (pane) => {
    pane.help?.remove();
    pane.help = helpSheet(pane, () => pane.focus());
    pane.box.append(pane.help);
    pane.help.showModal();
  },
};

const rowOf = (pane) => ({ row_id: pane.target().row_id, content_id: pane.target().content_id });

function shown(pane, press) {
  return pane.view.rows.length > 0 && pane.gate.counts(press.at);
}

function editing(pane) {
  if (!pane.editor?.changed) return false;
  pane.warn("You have an unsaved edit.", "Ctrl+Enter saves and approves it; Esc closes it and keeps the draft.");
  return true;
}

/** One message, then locked. `done` tells that the item's draft goes once it is saved. */
function send(pane, press, event, done = true) {
  const first = pane.view.rows[0];
  return pane.sender.send(
    { ...pane.about(), ...event, ...pane.gate.evidence(press.at), input: press.input },
    { done, itemId: pane.view.item_id, contentId: first?.content_id });
}

function tell(pane, press, event, context = {}) {
  pane.sender.tell({ ...pane.about(), ...event, input: press.input }, context);
}

function decide(pane, press, action, extra) {
  if (!shown(pane, press) || !may(pane, action) || (!extra.edits && editing(pane))) return false;
  const missing = action === "approve" || action === "choose" ? pane.fields.missing() : null;
  if (missing !== null && action === "approve") {
    pane.warn(`${missing} is not answered yet.`, "Digits choose; Y takes the suggestions.");
    return false;
  }
  const note = pane.rail.note.value.trim() ? pane.rail.note.value : null;
  return send(pane, press, { kind: "decide", action, note, answers: pane.fields.answers(), ...extra });
}

function keep(pane, press, rows) {
  return decide(pane, press, "keep", { keep: rows.map((row) => row.row_id) });
}

function prefer(pane, press, outcome, extra = {}) {
  if (!outcome) return false;
  return decide(pane, press, "prefer", { outcome, left: pane.view.rows[0].side, ...extra });
}

function mark(pane, i) {
  if (!pane.marked || i >= pane.view.rows.length) return;
  if (!pane.marked.delete(i)) pane.marked.add(i);
  pane.mark(pane.marked);
}

function edit(pane, press, i) {
  if (!may(pane, "edit") || !shown(pane, press)) return;
  if (pane.editor) {
    pane.editor.focus();
    return;
  }
  pane.active = i;
  pane.startEdit();
}

function save(pane, press) {
  if (!pane.editor || pane.sender.locked) return;
  const problem = pane.editor.problem();
  if (problem) {
    pane.warn(problem, "Put it right, then save.");
    return;
  }
  const extra = { ...rowOf(pane), edits: pane.editor.list() };
  if (pane.view.mode === "pair") prefer(pane, press, pane.target().side, extra);
  else if (pane.view.mode === "adjudicate" && !may(pane, "approve")) decide(pane, press, "choose", extra);
  else decide(pane, press, "approve", extra);
}
