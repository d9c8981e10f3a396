// Nobody decides what they have not seen: a press counts only if its item stood painted when it went down.

// The same key again sooner than this bounces: no hand is so quick, but worn switches are, and remote desktops
// that send a held key as many presses. After a run of those the key must rest before it counts again.
const BOUNCE_MS = 100;
const RUN = 2;
const REST_MS = 250;

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

  /** False for a key that repeats, by the browser's own mark, or bounces. */
  fresh(event) {
    const name = event.code || event.key;
    const last = this.down.get(name) ?? { at: -Infinity, run: 0 };
    const gap = event.timeStamp - last.at;
    const run = gap < BOUNCE_MS ? last.run + 1 : gap < REST_MS ? last.run : 0;
    this.down.set(name, { at: event.timeStamp, run });
    return !event.repeat && gap >= BOUNCE_MS && run < RUN;
  }
}
