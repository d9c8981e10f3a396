// Beside the item: why it is here, checks, history, answers, note.

import { append, chip, el, kbd } from "./dom.js";
import { textIn } from "./turns.js";

export class Rail {
  /** @param hooks {onNote(text), onSaveNote(), fields} */
  constructor(hooks) {
    this.hooks = hooks;
    this.facts = el("div", { class: "facts" });
    this.note = el("textarea", { rows: 2, dir: "auto", spellcheck: "false", maxlength: 10000, id: "note", "data-note": true, onInput: () => hooks.onNote(this.note.value) });
    this.noteBox = el("section", { class: "card", "aria-label": "Note" },
      append(el("label", { for: "note", class: "title" }), ["Note ", kbd("N")]), this.note,
      append(el("p", { class: "hint" }), ["It goes with your decision. ", kbd("Ctrl+Enter"), " saves it now."]));
    this.box = el("div", { class: "rail", role: "group", "aria-label": "About this item" }, hooks.fields, this.facts, this.noteBox);
    this.drawn = null;
  }

  draw(view) {
    const signature = JSON.stringify([view.why, view.scores_hidden, view.rows.map((r) => [r.row_id, r.chips, r.history, r.note, r.flagged])]);
    this.noteBox.hidden = !view.allowed.includes("note") && !view.allowed.includes("reject");
    if (signature === this.drawn) return;
    this.drawn = signature;
    const single = view.mode === "review" ? view.rows[0] : null;
    const first = view.rows[0];
    const history = view.mode === "group" || view.mode === "pair" ? [] : (first?.history ?? []);
    this.facts.replaceChildren(...[
      view.why ? section("Why here", textIn(el("p", { dir: "auto" }), view.why)) : null,
      single?.chips.length || view.scores_hidden ? section("Checks",
        single?.chips.length ? el("p", { class: "chips" }, single.chips.map(chip)) : null,
        view.scores_hidden ? el("p", { class: "hint" }, "Model scores show after your decision.") : null) : null,
      history.length ? section("History", el("ol", { class: "history" }, history.map((line) => textIn(el("li", { dir: "auto" }), line)))) : null,
      first?.note ? section("My saved note", textIn(el("p", { dir: "auto" }), first.note)) : null,
    ].filter(Boolean));
  }
}

const section = (title, ...children) => append(el("section", { class: "card", "aria-label": title }, el("h3", { class: "title" }, title)), children);
