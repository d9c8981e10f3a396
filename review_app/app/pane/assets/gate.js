// Nobody decides what they have not seen: a press counts only if its item stood painted when it went down.

const BOUNCE_MS = 100;

export class Gate {
  constructor(onReady) {
    this.onReady = onReady;
    this.painted = null;
    this.round = 0;
    this.hiddenMs = 0;
    this.hiddenSince = document.hidden ? performance.now() : null;
    this.down = new Map();
    this.watch = () => this.visibility();
    document.addEventListener("visibilitychange", this.watch);
  }

  leave() {
    this.round += 1;
    document.removeEventListener("visibilitychange", this.watch);
  }

  visibility() {
    const now = performance.now();
    if (document.hidden) this.hiddenSince ??= now;
    else if (this.hiddenSince !== null) {
      this.hiddenMs += now - this.hiddenSince;
      this.hiddenSince = null;
    }
  }

  /** A new item was inserted: wait for two frames; the first paints it, the second stands behind that paint. */
  arm() {
    const round = (this.round += 1);
    this.painted = null;
    const second = () => {
      if (round !== this.round) return;
      if (document.hidden) {
        requestAnimationFrame(second);
        return;
      }
      this.painted = { at: performance.now(), iso: new Date().toISOString(), hiddenMs: this.hiddenMs };
      this.onReady();
    };
    requestAnimationFrame(() => requestAnimationFrame(second));
  }

  /** Whether a press that went down at `at` (page time, ms) was made on the painted item. */
  counts(at) {
    return this.painted !== null && !document.hidden && at > this.painted.at;
  }

  /** Painted when, and how long the item was in view until `at`. */
  evidence(at) {
    if (!this.painted) return { painted_at: null, dwell_ms: 0 };
    const hidden = this.hiddenMs - this.painted.hiddenMs;
    return { painted_at: this.painted.iso, dwell_ms: Math.max(0, Math.round(at - this.painted.at - hidden)) };
  }

  /** False for a key that bounces or repeats: the browser's own mark, or the same key within 100 ms. */
  fresh(event) {
    const last = this.down.get(event.code || event.key);
    this.down.set(event.code || event.key, event.timeStamp);
    return !event.repeat && !(last !== undefined && event.timeStamp - last < BOUNCE_MS);
  }
}
