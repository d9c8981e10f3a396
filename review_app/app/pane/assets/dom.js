// Elements without HTML text: all that data says goes in as text nodes.

/** An element with attributes, listeners (onClick) and children; null children are left out. */
export function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2).toLowerCase(), value);
    else if (key === "class") element.className = value;
    else element.setAttribute(key, value === true ? "" : String(value));
  }
  append(element, children);
  return element;
}

export function append(parent, children) {
  for (const child of children.flat(3)) {
    if (child !== null && child !== undefined && child !== false) parent.append(child);
  }
  return parent;
}

/** The sign of a key on a button. */
export const kbd = (text) => el("kbd", { "aria-hidden": "true" }, text);

/** A chip: a fact with a sign in front, so that colour is never the only one. */
const SIGNS = { ok: "✓", info: "i", warn: "!", bad: "✕" };
const SPOKEN = { ok: "fine", info: "", warn: "warning", bad: "problem" };
export function chip({ text, kind = "info", detail = null }) {
  return el(
    "span",
    { class: `chip ${kind}`, title: detail },
    el("span", { class: "sign", "aria-hidden": "true" }, SIGNS[kind] ?? "i"),
    SPOKEN[kind] ? el("span", { class: "sr" }, `${SPOKEN[kind]}: `) : null,
    text,
    detail ? el("span", { class: "sr" }, ` (${detail})`) : null,
  );
}

/** Whether keys typed here are text. */
export function isField(target) {
  if (!(target instanceof Element)) return false;
  if (target.isContentEditable) return true;
  if (target.localName === "input") return !/^(button|checkbox|radio|submit|reset)$/.test(target.type);
  return target.localName === "textarea" || target.localName === "select";
}

/** A name for an event that nobody else gives: 128 random bits, also without https. */
export function nonce() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export const count = (number, word) => `${number.toLocaleString("en")} ${word}${number === 1 ? "" : "s"}`;
