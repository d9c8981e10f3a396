// How the text is looked at: raw or rendered, differences, spaces. It stays from item to item.

import { el, kbd } from "./dom.js";

const STORE = "tuneset.look";

export class Look {
  constructor(onChange) {
    this.onChange = onChange;
    this.rendered = false;
    this.spaces = false;
    this.diff = { review: false, group: true, pair: false, adjudicate: true };
    this.recall();
    this.box = el("div", { class: "look", role: "group", "aria-label": "View" });
    this.mode = "review";
    this.canDiff = false;
  }

  /** What the present item can show. */
  offer(view) {
    this.mode = view.mode;
    this.canDiff = view.mode === "review" ? Boolean(view.rows[0]?.before) : view.rows.length > 1;
    this.draw();
  }

  now() {
    return { rendered: this.rendered, spaces: this.spaces && !this.rendered, diff: this.canDiff && this.diff[this.mode] };
  }

  toggle(what) {
    if (what === "diff" && !this.canDiff) return;
    if (what === "diff") this.diff[this.mode] = !this.diff[this.mode];
    else this[what] = !this[what];
    this.remember();
    this.draw();
    const on = what === "diff" ? this.diff[this.mode] : this[what];
    this.onChange({ rendered: on ? "Rendered" : "Raw text", diff: on ? "Differences shown" : "Differences hidden", spaces: on ? "Spaces shown" : "Spaces hidden" }[what]);
  }

  draw() {
    const button = (what, on, key, text, sign) => el("button", { type: "button", class: "toggle", "data-look": what, "aria-pressed": String(on), "aria-keyshortcuts": key, onClick: () => this.toggle(what) },
      el("span", { class: "sign", "aria-hidden": "true" }, on ? "●" : "○"), text, kbd(key), sign);
    const focused = this.box.getRootNode().activeElement?.dataset?.look;
    this.box.replaceChildren(...[
      button("rendered", this.rendered, "V", "Rendered"),
      this.canDiff ? button("diff", this.diff[this.mode], "D", "Differences") : null,
      button("spaces", this.spaces, "W", "Spaces"),
    ].filter(Boolean));
    if (focused) this.box.querySelector(`[data-look="${focused}"]`)?.focus();
  }

  recall() {
    try {
      const kept = JSON.parse(sessionStorage.getItem(STORE) ?? "{}");
      this.rendered = kept.rendered === true;
      this.spaces = kept.spaces === true;
      for (const mode of Object.keys(this.diff)) if (typeof kept.diff?.[mode] === "boolean") this.diff[mode] = kept.diff[mode];
    } catch {
      // Without a session store every page begins raw.
    }
  }

  remember() {
    try {
      sessionStorage.setItem(STORE, JSON.stringify({ rendered: this.rendered, spaces: this.spaces, diff: this.diff }));
    } catch {
      // The same.
    }
  }
}
