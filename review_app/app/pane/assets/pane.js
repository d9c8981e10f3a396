// The review pane: shows an item and its action bar, takes the keys, sends one message a decision.
// Streamlit calls the default export with each new view; the pane changes only what differs.

import { act } from "./deeds.js";
import { Editor, drafts } from "./editor.js";
import { Fields } from "./fields.js";
import { announcement, buildFrame, drawBar, drawHead, drawTop, fillHeight, say, showLock, showSending } from "./frame.js";
import { Gate } from "./gate.js";
import { drawItem } from "./item.js";
import { el } from "./dom.js";
import { Keyboard } from "./keyboard.js";
import { Lease } from "./lease.js";
import { Look } from "./look.js";
import { Rail } from "./rail.js";
import { Sender } from "./sender.js";

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
    this.gate = new Gate(() => showLock(this));
    this.sender = new Sender((state) => showSending(this, state));
    this.look = new Look((what) => this.relook(what));
    this.fields = new Fields(() => this.keep());
    this.rail = new Rail({ fields: this.fields.box, onNote: () => this.keep() });
    this.lease = new Lease(() => this.sender.tell({ ...this.about(), kind: "renew" }));
    this.frame = buildFrame({ lease: this.lease.box, rail: this.rail.box, look: this.look.box });
    this.box = this.frame.box;
    this.item = this.frame.item;
    parent.append(this.box);
    this.keyboard = new Keyboard(this);
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
    if (settled && ok && context.done) drafts.write(context.itemId, context.contentId, {});
    if (told?.ok && told.context.clearNote) this.clearNote(told.context.clearNote);
    if (!sameItem) this.begin();
    else this.refresh(old);
    drawTop(this.frame, view);
    this.rail.draw(view);
    this.lease.set(view.lease_left_s, view.allowed.includes("renew"));
    drawBar(this);
    if (!sameItem || JSON.stringify(old.notice) !== JSON.stringify(view.notice)) say(this.frame, view.notice);
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
    this.box.removeAttribute("data-editing");
    const kept = view.rows.length ? drafts.read(view.item_id, view.rows[0].content_id) : {};
    this.fields.reset(view, kept.answers ?? {});
    this.rail.note.value = kept.note ?? "";
    this.look.offer(view);
    drawHead(this);
    this.drawItem();
    this.rail.box.hidden = !view.rows.length;
    this.gate.arm();
    this.frame.live.textContent = announcement(view);
    fillHeight(this.frame);
    this.toTop();
  }

  /** The same item again: only flags, notes and figures may differ. */
  refresh(old) {
    if (JSON.stringify(old.rows) === JSON.stringify(this.view.rows)) return;
    drawHead(this);
    this.view.rows.forEach((row, i) => {
      const mark = this.item.querySelector(`[data-column="${i}"] .flagged`);
      if (mark) mark.hidden = !row.flagged;
    });
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
    this.item.replaceChildren(...drawItem(view, this.look.now(), {
      choose: (i, event) => this.run(`column-${i}`, event),
      activate: (i) => this.activate(i),
    }));
    this.markColumns();
  }

  relook(what) {
    if (!this.view || this.editor) return;
    this.drawItem();
    this.frame.live.textContent = what;
  }

  warn(text, fix = null) {
    say(this.frame, { text, fix, kind: "warn" });
  }

  say(notice) {
    say(this.frame, notice);
  }

  /** A click on a button: what it does, with the time its press went down. */
  run(id, event) {
    act(this, id, this.keyboard.pressOf(event));
  }

  /** What every event about this item carries. */
  about() {
    const { view } = this;
    return { ticket: view.ticket, item_id: view.item_id, content_ids: view.rows.map((row) => row.content_id) };
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

  mark(set) {
    this.marked = set;
    this.markColumns();
    drawBar(this);
  }

  kept() {
    return this.view.rows.length ? drafts.read(this.view.item_id, this.target().content_id) : {};
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
    this.editor = new Editor(this.target(), this.kept().edits ?? {}, { onChange: () => this.keep() });
    this.box.toggleAttribute("data-editing", true);
    this.redraw();
    this.editor.focus();
  }

  endEdit() {
    this.keep();
    this.editor = null;
    this.box.toggleAttribute("data-editing", false);
    this.redraw();
    this.focus();
  }

  redraw() {
    drawHead(this);
    this.drawItem();
    drawBar(this);
  }

  discard() {
    this.editor?.edits.clear();
    drafts.write(this.view.item_id, this.target().content_id, { ...this.kept(), edits: {} });
    if (this.editor) this.endEdit();
    else drawHead(this);
  }

  open(name, node, first = node) {
    this.close();
    this.panel = name;
    this.frame.panels.append(node);
    first.focus({ preventScroll: true });
  }

  close() {
    const had = this.frame.panels.contains(this.box.getRootNode().activeElement);
    this.panel = null;
    this.frame.panels.replaceChildren();
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
