// The review pane: shows an item and its action bar, takes the keys, sends one message a decision.
// Streamlit calls the default export with each new view; the pane changes only what differs.

import { actionsOf } from "./actions.js";
import { actionButton } from "./bar.js";
import { act } from "./deeds.js";
import { append, chip, count, el, kbd } from "./dom.js";
import { Editor, drafts } from "./editor.js";
import { Fields } from "./fields.js";
import { Gate } from "./gate.js";
import { drawItem } from "./item.js";
import { Keyboard } from "./keyboard.js";
import { Lease } from "./lease.js";
import { Look } from "./look.js";
import { Rail } from "./rail.js";
import { Sender } from "./sender.js";
import { textIn } from "./turns.js";

const panes = new WeakMap();

export default function pane(component) {
  const { data, parentElement, setTriggerValue } = component;
  if (!panes.has(parentElement)) panes.set(parentElement, new Pane(parentElement));
  const one = panes.get(parentElement);
  one.sender.post = (event) => setTriggerValue("sent", event);
  one.take(data);
  return () => {
    one.leave();
    panes.delete(parentElement);
  };
}

class Pane {
  constructor(parent) {
    this.view = null;
    this.editor = null;
    this.panel = null;
    this.marked = null;
    this.active = 0;
    this.gate = new Gate(() => this.ready());
    this.sender = new Sender((state) => this.sending(state));
    this.look = new Look((what) => this.relook(what));
    this.fields = new Fields(() => this.keep());
    this.rail = new Rail({ fields: this.fields.box, onNote: () => this.keep() });
    this.lease = new Lease(() => this.sender.tell({ ...this.about(), kind: "renew" }));
    this.build(parent);
    this.keyboard = new Keyboard(this);
  }

  build(parent) {
    this.live = el("p", { class: "sr", "aria-live": "polite" });
    this.progress = el("span", { class: "progress" });
    this.saved = el("span", { class: "saved" });
    this.notice = el("div", { class: "notice", role: "status", hidden: true });
    this.head = el("header", { class: "itemhead" });
    this.item = el("div", { class: "item", tabindex: "-1", role: "group", "aria-label": "Item" });
    this.panels = el("div", { class: "panels" });
    this.bar = el("div", { class: "buttons", role: "toolbar", "aria-label": "Decide" });
    this.state = el("p", { class: "state", role: "status" });
    this.box = el("section", { class: "pane", "aria-label": "Review" },
      this.live,
      el("div", { class: "top" }, this.progress, this.lease.box, this.saved),
      this.notice,
      el("div", { class: "body" }, el("div", { class: "main" }, this.head, this.item), this.rail.box),
      el("div", { class: "dock" }, this.panels, this.state, this.bar));
    parent.append(this.box);
  }

  leave() {
    this.keyboard.leave();
    this.gate.leave();
    this.lease.leave();
    this.sender.clear();
    this.box.remove();
  }

  /** A view from Python. */
  take(view) {
    const old = this.view;
    const sameItem = old !== null && old.ticket === view.ticket && keyOf(old) === keyOf(view);
    const { settled, ok, context, told } = this.sender.receive(view, sameItem);
    this.view = view;
    if (told?.ok && told.context.clearNote) this.clearNote(told.context.clearNote);
    if (settled && ok && context.done) drafts.write(context.itemId, context.contentId, {});
    if (!sameItem) this.begin();
    else this.refresh(old);
    this.drawTop();
    this.rail.draw(view);
    this.lease.set(view.lease_left_s, view.allowed.includes("renew"));
    this.drawBar();
    this.say(view.notice);
  }

  /** A new item: everything that belongs to the old one goes. */
  begin() {
    const { view } = this;
    this.close();
    this.editor = null;
    this.marked = null;
    this.active = 0;
    this.box.removeAttribute("data-ready");
    this.box.dataset.mode = view.mode;
    const kept = view.rows.length ? drafts.read(view.item_id, view.rows[0].content_id) : {};
    this.fields.reset(view, kept.answers ?? {});
    this.rail.note.value = kept.note ?? "";
    this.look.offer(view);
    this.drawHead();
    this.drawItem();
    this.rail.box.hidden = !view.rows.length;
    this.gate.arm();
    this.live.textContent = announcement(view);
    this.toTop();
  }

  /** The same item again: only flags, notes and figures may differ. */
  refresh(old) {
    if (JSON.stringify(old.rows) === JSON.stringify(this.view.rows)) return;
    this.drawHead();
    this.view.rows.forEach((row, i) => {
      const mark = this.item.querySelector(`[data-column="${i}"] .flagged`);
      if (mark) mark.hidden = !row.flagged;
    });
  }

  drawTop() {
    const { progress, last } = this.view;
    this.progress.textContent = progress ?? "";
    this.saved.replaceChildren();
    if (last) append(this.saved, [el("span", { class: "tick", "aria-hidden": "true" }, "✓ "), textIn(el("span", {}), last.text), last.chips.map(chip)]);
  }

  drawHead() {
    const { view } = this;
    const row = view.mode === "review" ? view.rows[0] : null;
    const kept = row && !this.editor && this.kept().edits;
    this.head.hidden = !view.rows.length;
    this.head.replaceChildren(
      append(el("div", { class: "what" }), [
        el("h2", {}, view.title),
        row ? textIn(el("span", { class: "who", dir: "auto" }), row.source) : el("span", { class: "who" }, count(view.rows.length, "column")),
        row?.tokens ? el("span", { class: "who" }, row.tokens) : null,
        row?.flagged ? el("span", { class: "flagged" }, "⚑ flagged") : null]),
      this.look.box);
    if (kept && Object.keys(kept).length) {
      this.head.append(el("p", { class: "draft" }, "You have an unsaved edit of this row. ", el("button", { type: "button", class: "small", onClick: (event) => this.run("edit", event) }, "Go on ", kbd("E")),
        el("button", { type: "button", class: "small", onClick: () => this.discard() }, "Throw it away")));
    }
  }

  drawItem() {
    const { view } = this;
    if (!view.rows.length) {
      this.item.replaceChildren(el("p", { class: "empty" }, view.empty));
      return;
    }
    if (this.editor) {
      this.item.replaceChildren(this.editor.box);
      return;
    }
    this.item.replaceChildren(...drawItem(view, this.look.now(view), {
      choose: (i, event) => this.run(`column-${i}`, event),
      activate: (i) => this.activate(i),
    }));
    this.markColumns();
  }

  relook(what) {
    if (!this.view || this.editor) return;
    this.drawItem();
    this.live.textContent = what;
  }

  drawBar() {
    this.actions = actionsOf(this.view);
    const shown = this.editor ? editActions(this.view) : this.marked ? markActions(this.marked.size) : this.actions;
    const signature = JSON.stringify(shown);
    if (signature !== this.barDrawn) {
      const focused = this.box.getRootNode().activeElement?.dataset?.action;
      this.bar.replaceChildren(...shown.map((action) => actionButton(action, (id, event) => this.run(id, event))));
      if (focused) this.bar.querySelector(`[data-action="${focused}"]`)?.focus();
      this.barDrawn = signature;
    }
    this.lock();
  }

  /** Buttons that decide stand off while a message is open; they keep the focus. */
  lock() {
    const off = this.sender.locked || !this.gate.painted;
    this.box.toggleAttribute("data-ready", !off && this.view.rows.length > 0);
    this.box.setAttribute("aria-busy", String(this.sender.locked));
    for (const button of this.box.querySelectorAll(".buttons .act, .choose")) {
      button.setAttribute("aria-disabled", String(this.sender.locked && button.dataset.action !== "help"));
    }
  }

  ready() {
    this.lock();
  }

  sending(state) {
    this.state.hidden = state === null || state === "sent";
    this.state.replaceChildren();
    if (state === "saving") this.state.append("Saving …");
    if (state === "stuck") {
      append(this.state, [el("strong", {}, "! No answer from the server yet. "), "Nothing is lost: your decision and your text are kept here. ",
        el("button", { type: "button", class: "small", "data-again": true, onClick: () => this.sender.again() }, "Send again")]);
    }
    if (this.view) this.lock();
  }

  /** A sentence above the item; null clears it. */
  say(notice) {
    this.notice.hidden = !notice;
    this.notice.replaceChildren();
    if (!notice) return;
    this.notice.className = `notice ${notice.kind ?? "info"}`;
    append(this.notice, [chip({ text: "", kind: notice.kind ?? "info" }), textIn(el("span", { dir: "auto" }), notice.text), notice.fix ? textIn(el("span", { class: "fix", dir: "auto" }), notice.fix) : null]);
  }

  warn(text, fix = null) {
    this.say({ text, fix, kind: "warn" });
  }

  run(id, event, at = null) {
    const pressed = at ?? this.keyboard.pressOf(event);
    act(this, id, { at: pressed, input: event?.type === "keydown" ? "key" : this.keyboard.inputOf(event) });
  }

  /** What every event about this item carries. */
  about() {
    const { view } = this;
    return { ticket: view.ticket, item_id: view.item_id, content_ids: view.rows.map((row) => row.content_id) };
  }

  kept() {
    return this.view.rows.length ? drafts.read(this.view.item_id, this.target().content_id) : {};
  }

  /** The row that edits, flags and notes are about. */
  target() {
    return this.view.rows[Math.min(this.active, this.view.rows.length - 1)];
  }

  activate(i) {
    if (this.editor || i === this.active) return;
    this.active = i;
    this.markColumns();
  }

  markColumns() {
    this.item.querySelectorAll("[data-column]").forEach((column, i) => {
      column.classList.toggle("active", i === this.active);
      column.classList.toggle("marked", this.marked?.has(i) ?? false);
    });
  }

  /** Keep unsaved work where a reload finds it. */
  keep() {
    const { view } = this;
    if (!view?.rows.length) return;
    const first = view.rows[0].content_id;
    const target = this.target().content_id;
    const edits = this.editor ? Object.fromEntries(this.editor.edits) : drafts.read(view.item_id, target).edits;
    if (target !== first) drafts.write(view.item_id, target, { edits });
    drafts.write(view.item_id, first, {
      edits: target === first ? edits : drafts.read(view.item_id, first).edits, note: this.rail.note.value, answers: this.fields.kept(),
    });
  }

  clearNote(text) {
    if (this.rail.note.value === text) this.rail.note.value = "";
    this.keep();
  }

  startEdit() {
    const row = this.target();
    this.editor = new Editor(row, this.kept().edits ?? {}, { onChange: () => this.keep() });
    this.drawHead();
    this.drawItem();
    this.drawBar();
    this.editor.focus();
  }

  endEdit() {
    this.keep();
    this.editor = null;
    this.drawHead();
    this.drawItem();
    this.drawBar();
    this.focus();
  }

  discard() {
    this.editor?.edits.clear();
    const { view } = this;
    drafts.write(view.item_id, this.target().content_id, { ...this.kept(), edits: {} });
    if (this.editor) this.endEdit();
    else this.drawHead();
  }

  open(name, node, first = null) {
    this.close();
    this.panel = name;
    this.panels.append(node);
    (first ?? node.querySelector(".option"))?.focus({ preventScroll: true });
  }

  close() {
    const had = this.panels.contains(this.box.getRootNode().activeElement);
    this.panel = null;
    this.panels.replaceChildren();
    if (had) this.focus();
  }

  focus() {
    this.item.focus({ preventScroll: true });
  }

  /** Keys and the screen reader start at the item; a field elsewhere on the page keeps the focus. */
  toTop() {
    const inside = this.box.getRootNode().activeElement;
    const outside = document.activeElement;
    const free = outside === null || outside === document.body || outside.shadowRoot === this.box.getRootNode();
    if (free && !inside?.dataset?.action) this.focus();
    if (this.box.getBoundingClientRect().top < 0) this.box.scrollIntoView({ block: "start" });
  }
}

const keyOf = (view) => `${view.mode}\n${view.item_id}\n${view.rows.map((row) => row.content_id).join("\n")}`;

const editActions = (view) => [
  { id: "save", key: "Control+Enter", text: view.mode === "pair" ? "Save and prefer" : "Save and approve", sign: "✓", tone: "good" },
  { id: "close", key: "Escape", text: "Close, keep the draft", sign: "←", tone: "" },
  { id: "discard", key: null, text: "Throw the edit away", sign: "✕", tone: "bad" },
];

const markActions = (marked) => [
  { id: "keep-marked", key: "k", text: `Keep the ${count(marked, "marked row")}`, sign: "☑", tone: "good" },
  { id: "close", key: "Escape", text: "Leave", sign: "←", tone: "" },
];

function announcement(view) {
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
