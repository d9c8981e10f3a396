// Editing a row: a text area for each turn, its live difference below, the draft kept in the browser's session.

import { append, el, kbd } from "./dom.js";
import { diff } from "./diff.js";
import { endsOf, withEnds } from "./lines.js";
import { drawDiff, training } from "./turns.js";

const DIFF_WAIT_MS = 60;
const PREFIX = "tuneset.draft.";

/** Unsaved work on an item: {edits, note, answers}, kept until it is saved or thrown away. */
export const drafts = {
  key: (itemId, contentId) => `${PREFIX}${itemId}\n${contentId}`,
  read(itemId, contentId) {
    try {
      return JSON.parse(sessionStorage.getItem(this.key(itemId, contentId)) ?? "{}");
    } catch {
      return {};
    }
  },
  write(itemId, contentId, draft) {
    try {
      const empty = !draft.note && !Object.keys(draft.edits ?? {}).length && !Object.keys(draft.answers ?? {}).length;
      if (empty) sessionStorage.removeItem(this.key(itemId, contentId));
      else sessionStorage.setItem(this.key(itemId, contentId), JSON.stringify(draft));
    } catch {
      // A full or forbidden session store costs the draft, never the edit on the screen.
    }
  },
};

export class Editor {
  /**
   * @param row The row as Python gave it.
   * @param edits Kept edits, path to text.
   * @param hooks {onChange(edits), onSubmit(event), onClose(), onDiscard()}
   */
  constructor(row, edits, hooks) {
    this.row = row;
    this.hooks = hooks;
    this.fields = fieldsOf(row);
    this.edits = new Map(Object.entries(edits).filter(([path]) => this.fields.some((f) => f.path === path)));
    this.faults = new Map();
    this.box = el("section", { class: "editor", "aria-label": "Edit" });
    this.draw();
  }

  get changed() {
    return this.edits.size > 0;
  }

  /** The edits as events carry them. */
  list() {
    return this.fields.filter((f) => this.edits.has(f.path)).map(({ part, turn, field, call, path }) => (
      { part, turn, field, ...(call === undefined ? {} : { call }), text: this.edits.get(path) }));
  }

  /** Why it cannot be saved, or null. */
  problem() {
    return [...this.faults.values()][0] ?? null;
  }

  draw() {
    this.status = el("p", { class: "hint", "aria-live": "polite" });
    const groups = new Map();
    for (const field of this.fields) {
      const at = `${field.part}.${field.turn}`;
      if (!groups.has(at)) groups.set(at, []);
      groups.get(at).push(field);
    }
    append(this.box, [this.status, [...groups.values()].map((fields) => this.drawTurn(fields))]);
    this.tell();
  }

  drawTurn(fields) {
    const [{ role, part, turn, first }] = fields;
    const source = (part === "messages" ? this.row.messages : this.row.rejected)[turn];
    const trained = training(source, part);
    const title = [`${part === "rejected" ? "rejected " : ""}${role}`, trained ? el("span", { class: trained.on ? "badge on" : "badge" }, trained.on ? "● " : "○ ", trained.text) : null];
    const inner = fields.map((field) => this.drawField(field));
    const open = role === "assistant" || fields.some((f) => this.edits.has(f.path));
    return append(el("details", { class: `turn edit ${role}`, open, "data-first": first }), [
      append(el("summary", { class: "role" }), [el("span", { class: "name" }, title[0]), title[1]]), inner]);
  }

  drawField(field) {
    const label = { content: "Text", reasoning_content: "Reasoning", arguments: `Arguments of call ${(field.call ?? 0) + 1} (JSON)` }[field.field];
    const name = `${label} of turn ${field.turn + 1}, ${field.role}`;
    const json = field.field === "arguments";
    const area = el("textarea", { dir: json ? "ltr" : "auto", spellcheck: "false", autocomplete: "off", "aria-label": name, class: json ? "mono" : "", "data-path": field.path, rows: Math.min(24, Math.max(2, field.text.split("\n").length)) });
    area.value = this.edits.get(field.path) ?? field.text;
    const plain = el("textarea");
    plain.value = field.text;
    const unchanged = plain.value;
    const changes = el("div", { class: "changes text raw", dir: json ? "ltr" : "auto", role: "group", "aria-label": "Changes", hidden: true });
    const fault = el("p", { class: "fault", role: "status", hidden: true });
    let timer = null;
    const compare = () => {
      timer = null;
      const now = this.edits.get(field.path);
      changes.hidden = now === undefined;
      if (now !== undefined) drawDiff(empty(changes), diff(field.text, now), { spaces: true }, { near: 160 });
    };
    area.addEventListener("input", () => {
      if (area.value === unchanged) this.edits.delete(field.path);
      else this.edits.set(field.path, withEnds(field.text, area.value));
      if (json) this.check(field, area, fault);
      this.tell();
      this.hooks.onChange(Object.fromEntries(this.edits));
      timer ??= setTimeout(compare, DIFF_WAIT_MS);
    });
    if (json) this.check(field, area, fault);
    compare();
    const ends = endsOf(field.text);
    return el("div", { class: "editfield" }, field.only ? null : el("p", { class: "hint" }, label), area, fault,
      ends && ends !== "LF" ? el("p", { class: "hint" }, `Line ends: ${ends}. They stay as they are.`) : null, changes);
  }

  check(field, area, fault) {
    let wrong = null;
    try {
      JSON.parse(area.value);
    } catch (error) {
      wrong = `Not JSON: ${error.message}`;
    }
    if (wrong && this.edits.has(field.path)) this.faults.set(field.path, wrong);
    else this.faults.delete(field.path);
    fault.hidden = !this.faults.has(field.path);
    fault.textContent = fault.hidden ? "" : wrong;
    area.setAttribute("aria-invalid", String(!fault.hidden));
  }

  tell() {
    const changed = this.edits.size;
    this.status.replaceChildren(
      changed ? `${changed} ${changed === 1 ? "field" : "fields"} changed. ` : "Nothing changed yet. ",
      kbd("Ctrl+Enter"), " saves and approves exactly this. ", kbd("Esc"), " leaves the field, then the edit; your text is kept.",
    );
    this.hooks.onTell?.(changed);
  }

  /** Focus the first trained turn, its text in view. */
  focus() {
    const area = this.box.querySelector("details[data-first] textarea") ?? this.box.querySelector("textarea");
    area?.focus({ preventScroll: true });
    area?.setSelectionRange(0, 0);
    area?.closest("details").scrollIntoView({ block: "nearest" });
  }
}

const empty = (node) => {
  node.replaceChildren();
  return node;
};

function fieldsOf(row) {
  const out = [];
  const parts = [["messages", row.messages], ["rejected", row.rejected ?? []]];
  for (const [part, turns] of parts) {
    turns.forEach((turn, i) => {
      const base = { part, turn: i, role: turn.role };
      const mine = [];
      if (turn.reasoning_content !== null && turn.reasoning_content !== undefined) mine.push({ ...base, field: "reasoning_content", text: turn.reasoning_content });
      if (turn.content !== null && turn.content !== undefined) mine.push({ ...base, field: "content", text: turn.content });
      (turn.tool_calls ?? []).forEach((call, c) => mine.push({ ...base, field: "arguments", call: c, text: call.function?.arguments ?? "" }));
      for (const field of mine) {
        field.path = [part, i, field.field, field.call].filter((p) => p !== undefined).join(".");
        field.only = mine.length === 1;
        out.push(field);
      }
    });
  }
  const trained = out.find((f) => f.part === "messages" && training(row.messages[f.turn])?.on && f.field === "content");
  if (trained) out.forEach((f) => (f.first = f.part === trained.part && f.turn === trained.turn));
  return out;
}
