// Label sets, scales and free texts. A suggestion is drawn as one and counts for nothing until it is taken.

import { append, el, kbd } from "./dom.js";

export class Fields {
  /** @param onChange called after each answer. */
  constructor(onChange) {
    this.onChange = onChange;
    this.box = el("section", { class: "fields", "aria-label": "Answers" });
    this.reset({ label_sets: [], ratings: [], texts: [] }, {});
  }

  /** Begin a new item, with answers that a draft kept. */
  reset(view, kept) {
    this.asked = [
      ...view.label_sets.map((set) => ({ ...set, type: "labels" })),
      ...view.ratings.map((scale) => ({ ...scale, type: "ratings" })),
      ...view.texts.map((text) => ({ ...text, type: "texts" })),
    ];
    this.given = new Map(this.asked.filter((f) => kept[f.name] !== undefined).map((f) => [f.name, kept[f.name]]));
    this.current = Math.max(0, this.asked.findIndex((f) => f.type !== "texts" && !this.given.has(f.name)));
    this.draw();
  }

  get empty() {
    return this.asked.length === 0;
  }

  kept() {
    return Object.fromEntries(this.given);
  }

  /** The answers that a person gave, by kind. */
  answers() {
    const out = { labels: {}, ratings: {}, texts: {} };
    for (const field of this.asked) {
      if (this.given.has(field.name)) out[field.type][field.name] = this.given.get(field.name);
    }
    return out;
  }

  /** Title of the first required field without an answer, or null. */
  missing() {
    const open = this.asked.find((f) => f.required && !this.given.has(f.name));
    return open?.title ?? null;
  }

  hasSuggestions() {
    return this.asked.some((f) => !this.given.has(f.name) && suggestion(f) !== null);
  }

  /** Take every suggestion that nobody touched. */
  accept() {
    for (const field of this.asked) {
      if (!this.given.has(field.name) && suggestion(field) !== null) this.given.set(field.name, suggestion(field));
    }
    this.changed();
  }

  /** A digit chooses in the current field. False where it means nothing there. */
  digit(digit) {
    const field = this.asked[this.current];
    if (!field || field.type === "texts") return false;
    const option = optionsOf(field).find((o) => o.key === digit);
    if (!option) return false;
    this.choose(field, option.value);
    return true;
  }

  /** To the next field; true where it is a text, which then has the focus. */
  next() {
    if (this.empty) return;
    this.current = (this.current + 1) % this.asked.length;
    this.draw();
    const field = this.asked[this.current];
    this.box.querySelector(`[data-field="${CSS.escape(field.name)}"] ${field.type === "texts" ? "textarea" : "button"}`)?.focus();
  }

  choose(field, value) {
    const had = this.given.get(field.name);
    if (field.type === "ratings" || !field.many) {
      const same = field.type === "ratings" ? had === value : had?.[0] === value;
      if (same) this.given.delete(field.name);
      else this.given.set(field.name, field.type === "ratings" ? value : [value]);
      const next = this.asked.findIndex((f) => f.type !== "texts" && !this.given.has(f.name));
      this.current = same || next < 0 ? this.asked.indexOf(field) : next;
    } else {
      const chosen = field.labels.filter((label) => (had?.includes(label) ?? false) !== (label === value));
      if (chosen.length) this.given.set(field.name, chosen);
      else this.given.delete(field.name);
      this.current = this.asked.indexOf(field);
    }
    this.changed(field.name, value);
  }

  changed(name, value) {
    const inside = this.box.contains(this.box.getRootNode().activeElement);
    this.draw();
    if (inside && name !== undefined) this.box.querySelector(`[data-field="${CSS.escape(name)}"] [data-value="${CSS.escape(String(value))}"]`)?.focus();
    this.onChange();
  }

  draw() {
    this.box.replaceChildren(...this.asked.map((field, i) => this.drawField(field, i === this.current)));
    this.box.hidden = this.empty;
  }

  drawField(field, current) {
    const untouched = !this.given.has(field.name) && suggestion(field) !== null;
    const by = field.suggested_by ? ` by ${field.suggested_by}` : "";
    return el("fieldset", { "data-field": field.name, class: current ? "field current" : "field" },
      append(el("legend"), [field.title, field.required ? el("span", { class: "need" }, " (needed)") : null]),
      untouched ? el("p", { class: "hint" }, `✧ suggested${by}; not an answer yet`) : null,
      field.type === "texts" ? this.drawText(field, untouched) : this.drawOptions(field, current));
  }

  drawOptions(field, current) {
    const given = this.given.get(field.name);
    const has = (value) => (Array.isArray(given) ? given.includes(value) : given === value);
    const wished = this.given.has(field.name) ? [] : [suggestion(field) ?? []].flat();
    const options = optionsOf(field).map(({ value, text, key }) => el("button", {
      type: "button", class: `option${wished.includes(value) ? " suggested" : ""}`, "data-value": value, "aria-pressed": String(has(value)),
      "aria-keyshortcuts": current ? key : null, onClick: () => this.choose(field, value),
    }, current && key ? kbd(key) : null, has(value) ? el("span", { "aria-hidden": "true" }, "✓ ") : null,
      wished.includes(value) ? el("span", { "aria-hidden": "true" }, "✧ ") : null, text,
      wished.includes(value) ? el("span", { class: "sr" }, " (suggested)") : null));
    const ends = [field.low_text, field.high_text].filter(Boolean).join(" … ");
    return [el("div", { class: "options" }, options), ends ? el("p", { class: "hint" }, ends) : null];
  }

  drawText(field, untouched) {
    const area = el("textarea", { rows: 2, dir: "auto", spellcheck: "false", "aria-label": field.title, class: untouched ? "suggested" : "", onInput: () => {
      area.classList.remove("suggested");
      if (area.value) this.given.set(field.name, area.value);
      else this.given.delete(field.name);
      this.onChange();
    } });
    area.value = this.given.get(field.name) ?? field.suggested ?? "";
    return area;
  }
}

function suggestion(field) {
  if (field.type === "labels") return field.suggested.length ? [...field.suggested] : null;
  return field.suggested ?? null;
}

function optionsOf(field) {
  if (field.type === "labels") return field.labels.map((label, i) => ({ value: label, text: label, key: i < 9 ? String(i + 1) : null }));
  const byValue = field.low >= 0 && field.high <= 9;
  return Array.from({ length: field.high - field.low + 1 }, (_, i) => ({
    value: field.low + i, text: String(field.low + i), key: byValue ? String(field.low + i) : i < 9 ? String(i + 1) : null,
  }));
}
