// Nobody decides what they have not seen: a press counts only if its item stood painted when it went down.

// The same key again sooner than this after it went down, or after it came up, bounces: no hand is so quick,
// but worn switches are, and remote desktops that send a held key as ups and downs.
const DOWN_DOWN_MS = 100;
const UP_DOWN_MS = 30;

export class Gate {
  constructor(onReady) {
    this.onReady = onReady;
    this.painted = null;
    this.round = 0;
    this.hiddenMs = 0;
    this.hiddenSince = document.hidden ? performance.now() : null;
    this.down = new Map();
    this.up = new Map();
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
    const [name, now] = [event.code || event.key, event.timeStamp];
    const sinceDown = now - (this.down.get(name) ?? -Infinity);
    const sinceUp = now - (this.up.get(name) ?? -Infinity);
    this.down.set(name, now);
    return !event.repeat && sinceDown >= DOWN_DOWN_MS && sinceUp >= UP_DOWN_MS;
  }

  released(event) {
    this.up.set(event.code || event.key, event.timeStamp);
  }
}
