// Keys: only bare ones, never while typing, never a repeated one. What has a modifier is the browser's.

import { letterOf } from "./actions.js";
import { act } from "./deeds.js";
import { isField } from "./dom.js";

export class Keyboard {
  constructor(pane) {
    this.pane = pane;
    this.press = null;
    this.onKey = (event) => this.key(event);
    this.onPointer = (event) => (this.press = { at: event.timeStamp, input: "mouse" });
    this.hold = (event) => isField(event.composedPath()[0]) && event.stopPropagation();
    window.addEventListener("keydown", this.onKey, true);
    pane.box.addEventListener("pointerdown", this.onPointer, true);
    // The page around has shortcuts of its own, and sees the pane's host instead of the field that has the focus.
    for (const name of ["keydown", "keypress", "keyup"]) pane.box.addEventListener(name, this.hold);
  }

  leave() {
    window.removeEventListener("keydown", this.onKey, true);
  }

  /** When the press behind a click went down, and by what; a screen reader's click has no press of its own. */
  pressOf(click) {
    const press = this.press ?? { at: click.timeStamp, input: click.detail ? "mouse" : "key" };
    this.press = null;
    return press;
  }

  key(event) {
    const { pane } = this;
    if (event.isComposing || event.keyCode === 229 || event.defaultPrevented) return;
    const target = event.composedPath()[0];
    const inside = target instanceof Node && pane.box.contains(target);
    if (isField(target)) {
      if (inside) this.fieldKey(event, target);
      return;
    }
    if (pane.editor && inside && event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey) {
      const fresh = pane.gate.fresh(event);
      this.taken(event, () => fresh && act(pane, "save", { at: event.timeStamp, input: "key" }));
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (pane.help?.open) {
      if (!event.repeat && ["h", "?"].includes(letterOf(event))) this.taken(event, () => pane.help.close());
      return;
    }
    if (document.querySelector('[role="dialog"], dialog[open]')) return;
    if (inside && (event.key === "Enter" || event.key === " ") && target.closest?.("button, summary")) {
      if (!pane.gate.fresh(event)) event.preventDefault();
      else this.press = { at: event.timeStamp, input: "key" };
      return;
    }
    if (event.key === "Escape") {
      this.taken(event, () => !event.repeat && this.escape());
      return;
    }
    const letter = letterOf(event);
    if (letter === null) return;
    const deed = this.deedOf(letter);
    if (!deed) return;
    const fresh = pane.gate.fresh(event);
    this.taken(event, () => fresh && deed({ at: event.timeStamp, input: "key" }));
  }

  taken(event, run) {
    event.preventDefault();
    event.stopPropagation();
    run();
  }

  /** What a key does now, or null where it is not ours. */
  deedOf(letter) {
    const { pane } = this;
    const deed = (id) => (press) => act(pane, id, press);
    if (pane.panel === "reasons") return /^[1-9x]$/.test(letter) || /^[a-z]$/.test(letter) ? deed(letter === "x" ? "close" : /^[1-9]$/.test(letter) ? `reason-${letter - 1}` : "none") : null;
    if (pane.panel === "recent") return RECENT[letter]?.(pane) ?? (/^[1-9]$/.test(letter) ? deed(`open-${letter - 1}`) : null);
    if (pane.marked) return /^[1-9]$/.test(letter) ? deed(`mark-${letter - 1}`) : letter === "k" ? deed("keep-marked") : letter.length === 1 ? deed("none") : null;
    const looks = { v: "rendered", d: "diff", w: "spaces" };
    if (looks[letter]) return () => pane.look.toggle(looks[letter]);
    if (letter === "?") return deed("help");
    if (letter === "y" && pane.fields.hasSuggestions()) return () => pane.fields.accept();
    if (letter === "l" && !pane.fields.empty) return () => pane.fields.next();
    const action = pane.actions?.find((one) => one.key === letter);
    if (action) return deed(action.id);
    if (!/^[0-9]$/.test(letter)) return null;
    if (pane.view.mode === "review") return () => pane.fields.digit(letter);
    return letter === "0" ? null : deed(`column-${letter - 1}`);
  }

  escape() {
    const { pane } = this;
    if (pane.panel) pane.close();
    else if (pane.editor || pane.marked) act(pane, "close", { at: performance.now(), input: "key" });
    else pane.say(null);
  }

  /** Keys inside a field: Esc leaves it, Ctrl or Cmd with Enter saves. */
  fieldKey(event, target) {
    const { pane } = this;
    if (event.key === "Escape") {
      this.taken(event, () => {
        if (target.dataset.reasonNote !== undefined) pane.close();
        pane.focus();
      });
      return;
    }
    if (event.key !== "Enter") return;
    const press = { at: event.timeStamp, input: "key" };
    const chord = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.shiftKey;
    let id = null;
    if (chord && target.dataset.path !== undefined) id = "save";
    if (chord && target.dataset.note !== undefined) id = "save-note";
    if (plain && target.dataset.reasonNote !== undefined) id = "reason-note";
    if (id === null) return;
    const fresh = pane.gate.fresh(event);
    this.taken(event, () => fresh && act(pane, id, press));
  }
}

const move = (step) => (pane) => () => {
  const buttons = [...pane.frame.panels.querySelectorAll("[data-recent]")];
  const now = buttons.indexOf(pane.box.getRootNode().activeElement);
  buttons[Math.min(buttons.length - 1, Math.max(0, now + step))]?.focus();
};
const RECENT = {
  ArrowDown: move(1),
  ArrowUp: move(-1),
  ArrowLeft: move(1),
  ArrowRight: (pane) => () => pane.close(),
};
