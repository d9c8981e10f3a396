// The item: one row, or columns of rows with what they share told once.

import { append, chip, count, el } from "./dom.js";
import { drawRow, drawTurns, textIn } from "./turns.js";

/**
 * The item's body.
 * @param view What Python gave.
 * @param look {rendered, spaces, diff}
 * @param hooks {choose(index, event), activate(index)}
 */
export function drawItem(view, look, hooks) {
  if (view.mode === "review") return [drawSingle(view.rows[0], look)];
  const skip = sharedTurns(view.rows);
  const shared = skip ? [el("section", { class: "shared", "aria-label": "Turns that all share" },
    el("p", { class: "hint" }, `${count(skip, "turn")} shared by all`),
    drawTurns(view.rows[0].messages.slice(0, skip), look, null))] : [];
  const columns = el("div", { class: "columns", "data-count": view.rows.length },
    view.rows.map((row, i) => drawColumn(view, row, i, look, hooks, skip)));
  return [...shared, columns];
}

function drawSingle(row, look) {
  const against = look.diff && row.before ? { messages: row.before, rejected: row.rejected } : null;
  return append(el("div", { class: "single" }), drawRow(row, look, { against }));
}

function drawColumn(view, row, i, look, hooks, skip) {
  const first = view.rows[0];
  const against = look.diff && i > 0 ? first : null;
  const title = titleOf(view, row, i);
  const body = drawRow(row, look, { against, skip });
  return append(el("section", { class: "column", "aria-label": title, "data-column": i, onPointerdown: () => hooks.activate(i), onFocusin: () => hooks.activate(i) }), [
    el("header", { class: "colhead" },
      el("h3", {}, title),
      row.source && view.mode !== "pair" ? textIn(el("span", { class: "who" }), row.source) : null,
      row.tokens ? el("span", { class: "who" }, row.tokens) : null,
      el("span", { class: "flagged", hidden: !row.flagged }, "⚑ flagged"),
      chooseButton(view, i, hooks)),
    row.chips.length ? el("p", { class: "chips" }, row.chips.map(chip)) : null,
    row.vote ? drawVote(row.vote, view.reasons) : null,
    look.diff && i === 0 ? el("p", { class: "hint" }, "The others are compared with this one.") : null,
    against && sameContent(row, first, skip) ? el("p", { class: "hint" }, "Its turns are the same, character for character.") : null,
    body,
  ]);
}

function titleOf(view, row, i) {
  if (view.mode === "pair") return i === 0 ? "A" : "B";
  if (view.mode === "adjudicate") return row.vote ? `${i + 1} · ${row.vote.who}` : `${i + 1} · As in the run`;
  return String(i + 1);
}

function chooseButton(view, i, hooks) {
  const key = String(i + 1);
  const keep = view.mode === "group" && view.allowed.includes("keep");
  const choose = view.mode === "adjudicate" && view.allowed.includes("choose");
  if (!keep && !choose) return null;
  const text = keep ? "Keep this one" : "Choose this";
  return el("button", { type: "button", class: "choose", "data-choose": i, "aria-keyshortcuts": key, onClick: (event) => hooks.choose(i, event) },
    el("kbd", {}, key), el("span", { class: "label" }, ` ${text}`));
}

function drawVote(vote, reasons) {
  const sign = vote.action === "approve" ? "✓ Approved" : "✕ Rejected";
  const reason = reasons.find((one) => one.code === vote.reason)?.text ?? vote.reason;
  return el("p", { class: `vote ${vote.action}` }, sign, reason ? `: ${reason.toLowerCase()}` : "",
    vote.note ? textIn(el("q", { dir: "auto" }), vote.note) : null);
}

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
const sameContent = (a, b, skip) => same(a.messages.slice(skip), b.messages.slice(skip)) && same(a.rejected, b.rejected);

/** How many first turns (with the tools) are the same in all rows. */
export function sharedTurns(rows) {
  const [first, ...others] = rows;
  if (!others.every((row) => same(row.tools, first.tools))) return 0;
  let shared = 0;
  const shortest = Math.min(...rows.map((row) => row.messages.length));
  while (shared < shortest && others.every((row) => same(row.messages[shared], first.messages[shared]))) shared += 1;
  return shared === Math.max(...rows.map((row) => row.messages.length)) && rows.every((row) => !row.rejected) ? 0 : shared;
}
