// Turns of a conversation: role, what is trained, text, reasoning, tool calls, tool definitions.

import { append, count, el } from "./dom.js";
import { diff } from "./diff.js";
import { appendText, rawText } from "./hidden.js";
import { renderMarkdown } from "./markdown.js";

const LONG = 900;
const MOST = 60_000;
const MOST_RENDERED = 200_000;
const ROLES = new Set(["system", "developer", "user", "assistant", "tool"]);

/** All that one row says. `look` is {rendered, spaces}; `against` holds the turns to mark differences from. */
export function drawRow(row, look, { against = null, skip = 0 } = {}) {
  const parts = [];
  if (row.tools?.length && !skip) parts.push(toolDefinitions(row.tools));
  parts.push(...drawTurns(row.messages.slice(skip), look, against?.messages?.slice(skip) ?? null, skip));
  if (row.rejected) {
    parts.push(el("h4", { class: "part" }, "Rejected answer"));
    parts.push(...drawTurns(row.rejected, look, against?.rejected ?? null, 0, "rejected"));
  }
  if (row.label !== null && row.label !== undefined) {
    parts.push(el("p", { class: "part" }, "Label: ", el("strong", {}, row.label ? "👍 good answer" : "👎 bad answer")));
  }
  return parts;
}

export function drawTurns(turns, look, against, first = 0, part = "messages") {
  return turns.map((turn, i) => drawTurn(turn, look, against ? (against[i] ?? {}) : null, first + i, part));
}

/** Whether the loss is taken on a turn, as words; null for turns that never are. */
export function training(turn, part = "messages") {
  if (turn.role !== "assistant") return null;
  if (part === "rejected") return { text: "rejected", on: false };
  const weight = turn.weight ?? 1;
  if (weight === 0) return { text: "not trained", on: false };
  return { text: weight === 1 ? "trained" : `trained × ${weight}`, on: true };
}

function drawTurn(turn, look, against, index, part) {
  const trained = training(turn, part);
  const head = el("div", { class: "role" },
    el("span", { class: "name" }, turn.role));
  if (turn.name) head.append(textIn(el("span", { class: "who", dir: "auto" }), turn.name));
  if (turn.tool_call_id) head.append(textIn(el("span", { class: "who mono" }), turn.tool_call_id));
  if (trained) head.append(el("span", { class: trained.on ? "badge on" : "badge" }, trained.on ? "● " : "○ ", trained.text));
  const box = el("article", { class: `turn ${ROLES.has(turn.role) ? turn.role : "other"}${trained?.on ? " trained" : ""}`,
    "aria-label": `${turn.role}, turn ${index + 1}${trained ? `, ${trained.text}` : ""}`, "data-turn": index });
  box.append(head);
  if (turn.reasoning_content !== null && turn.reasoning_content !== undefined) {
    box.append(folded("Reasoning", turn.reasoning_content, look, against?.reasoning_content, turn.reasoning_content.length <= LONG));
  }
  box.append(...body(turn, look, against));
  (turn.tool_calls ?? []).forEach((call, i) => box.append(toolCall(call, look, against?.tool_calls?.[i])));
  return box;
}

function body(turn, look, against) {
  const text = turn.content;
  if (text === null || text === undefined) {
    return turn.tool_calls?.length ? [] : [el("p", { class: "none" }, "no content")];
  }
  if (text === "") return [el("p", { class: "none" }, "empty text")];
  const old = against ? (against.content ?? "") : null;
  const folds = (turn.role === "system" || turn.role === "developer" || turn.role === "tool") && text.length > LONG;
  if (folds) return [folded(turn.role === "tool" ? "Result" : "Prompt", text, look, old, false)];
  return [textBox(text, look, old)];
}

function folded(title, text, look, old, open) {
  const box = el("details", { open });
  const summary = el("summary", {}, title, el("span", { class: "size" }, ` ${count(text.length, "character")}`));
  if (!open) {
    const peek = el("span", { class: "peek", dir: "auto" });
    appendText(peek, text.slice(0, 120).replace(/\n/g, " "));
    summary.append(peek);
  }
  box.append(summary);
  const fill = () => {
    if (box.childElementCount === 1) box.append(textBox(text, look, old ?? null));
  };
  if (open) fill();
  else box.addEventListener("toggle", fill);
  return box;
}

/** One text: raw, rendered, or with its differences from `old`. */
export function textBox(text, look, old = null) {
  const box = el("div", { class: "text", dir: "auto" });
  if (old !== null && old !== text) {
    box.classList.add("raw");
    drawDiff(box, diff(old.slice(0, MOST), text.slice(0, MOST)), look);
    if (text.length > MOST || old.length > MOST) box.append(el("p", { class: "none" }, "the rest is too long to compare"));
    return box;
  }
  if (look.rendered && text.length <= MOST_RENDERED) {
    box.classList.add("rendered");
    return renderMarkdown(box, text);
  }
  box.classList.add("raw");
  if (text.length <= MOST) return rawText(box, text, look);
  rawText(box, text.slice(0, cutAt(text)), look);
  const rest = text.slice(cutAt(text));
  const more = el("button", { type: "button", class: "more", onClick: () => {
    more.remove();
    rawText(box, rest, look);
  } }, `Show the other ${count(rest.length, "character")}`);
  box.append(more);
  return box;
}

const cutAt = (text) => (text.codePointAt(MOST - 1) > 0xffff ? MOST + 1 : MOST);

/** Pieces of a difference: insertions and deletions are marked by line and sign, not by colour alone. */
export function drawDiff(box, pieces, look = {}, { near = Infinity } = {}) {
  pieces.forEach(([sign, text], i) => {
    const own = { ...look, goesOn: i < pieces.length - 1 };
    if (sign === 0) {
      const [head, tail] = [i === 0 ? 0 : near, i === pieces.length - 1 ? 0 : near];
      if (text.length > head + tail + 80) {
        appendText(box, text.slice(0, head), { ...look, goesOn: true });
        box.append(el("span", { class: "same" }, ` … ${count(text.length - head - tail, "character")} the same … `));
        appendText(box, tail ? text.slice(-tail) : "", own);
      } else appendText(box, text, own);
      return;
    }
    const node = el(sign < 0 ? "del" : "ins", { title: sign < 0 ? "taken out" : "put in" });
    appendText(node, text, own);
    if (/^\s+$/.test(text)) node.classList.add("blank");
    box.append(node);
  });
  return box;
}

function toolCall(call, look, against) {
  const name = call.function?.name ?? "";
  const args = call.function?.arguments ?? "";
  const long = args.length > LONG;
  const old = against === undefined ? null : (against?.function?.arguments ?? "");
  const box = el("details", { class: "call", open: !long },
    append(el("summary", {}, "calls "), [textIn(el("code", { dir: "ltr" }), name),
      call.id ? textIn(el("span", { class: "who mono" }), call.id) : null,
      long ? el("span", { class: "size" }, ` ${count(args.length, "character")}`) : null]));
  const pre = textBox(args, { ...look, rendered: false }, old);
  pre.classList.add("mono");
  pre.dir = "ltr";
  box.append(pre);
  return box;
}

function toolDefinitions(tools) {
  const box = el("details", { class: "tools" }, el("summary", {}, count(tools.length, "tool definition")));
  tools.forEach((tool) => {
    const text = textBox(tool, {});
    text.classList.add("mono");
    text.dir = "ltr";
    box.append(text);
  });
  return box;
}

export function textIn(node, text) {
  appendText(node, String(text));
  return node;
}
