// How long the item is mine. Someone who works on it asks for more time before it ends.

import { el } from "./dom.js";

const ASK_BELOW_S = 75;
const ACTIVE_MS = 60_000;
const ASK_EVERY_MS = 20_000;

export class Lease {
  constructor(renew) {
    this.renew = renew;
    this.box = el("span", { class: "lease" });
    this.until = null;
    this.may = false;
    this.acted = performance.now();
    this.asked = -Infinity;
    this.noted = () => (this.acted = performance.now());
    for (const name of ["keydown", "pointerdown", "wheel"]) window.addEventListener(name, this.noted, { passive: true, capture: true });
    this.timer = setInterval(() => this.tick(), 1000);
  }

  leave() {
    clearInterval(this.timer);
    for (const name of ["keydown", "pointerdown", "wheel"]) window.removeEventListener(name, this.noted, { capture: true });
  }

  set(leftS, may) {
    this.until = leftS === null || leftS === undefined ? null : performance.now() + leftS * 1000;
    this.may = may;
    this.tick();
  }

  tick() {
    if (this.until === null) {
      this.box.textContent = "";
      return;
    }
    const now = performance.now();
    const left = Math.max(0, Math.ceil((this.until - now) / 1000));
    this.box.classList.toggle("short", left < 30);
    this.box.textContent = left ? `yours for ${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}` : "! your time on this item is over; your text is kept";
    if (this.may && left < ASK_BELOW_S && now - this.acted < ACTIVE_MS && now - this.asked > ASK_EVERY_MS) {
      this.asked = now;
      this.renew();
    }
  }
}
