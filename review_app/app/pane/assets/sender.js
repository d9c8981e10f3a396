// One message a decision. After it the pane is locked until Python answers it or gives another item.

import { nonce } from "./dom.js";

const SAVING_MS = 300;
const STUCK_MS = 5000;
// Sent again by itself: storing these twice under one ticket stores them once.
const SAFE_TO_REPEAT = new Set(["decide", "skip"]);

export class Sender {
  /** @param onChange called with null, "sent", "saving" or "stuck" whenever that changes. */
  constructor(onChange) {
    this.onChange = onChange;
    this.post = () => {};
    this.open = null;
    this.asked = new Map();
    this.timers = [];
  }

  get locked() {
    return this.open !== null;
  }

  /** Send and lock. False while another one is open. */
  send(event, context = {}) {
    if (this.open) return false;
    this.open = { event: { ...event, nonce: nonce() }, context, at: performance.now() };
    this.go();
    return true;
  }

  /** Send without a lock: flags, notes, a longer lease. */
  tell(event, context = {}) {
    const full = { ...event, nonce: nonce() };
    this.asked.set(full.nonce, context);
    this.post(full);
  }

  go() {
    this.clear();
    this.onChange("sent");
    this.timers = [
      setTimeout(() => this.onChange("saving"), SAVING_MS),
      setTimeout(() => this.onChange("stuck"), STUCK_MS),
    ];
    this.post(this.open.event);
  }

  /** The same event once more, under the same names. */
  again() {
    if (this.open) this.go();
  }

  clear() {
    this.timers.forEach(clearTimeout);
    this.timers = [];
  }

  /** What a view from Python means for what was sent: {settled, ok, context}, and calls for what was told. */
  receive(view, sameItem) {
    const answered = view.answered ?? null;
    if (answered && this.asked.has(answered.nonce)) {
      const context = this.asked.get(answered.nonce);
      this.asked.delete(answered.nonce);
      return { settled: false, told: { ok: answered.ok, context } };
    }
    if (!this.open) return { settled: false };
    const mine = answered?.nonce === this.open.event.nonce;
    if (!mine && sameItem) {
      // The server is back after a silence, and does not know of it: it was lost on the way.
      if (performance.now() - this.open.at > STUCK_MS && SAFE_TO_REPEAT.has(this.open.event.kind)) this.go();
      return { settled: false };
    }
    const { context, event } = this.open;
    this.open = null;
    this.clear();
    this.onChange(null);
    return { settled: true, ok: mine ? answered.ok : null, context, event };
  }
}
