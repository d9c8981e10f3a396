// What can be done in each mode: one table for the bar, the keys and the help sheet.

/** Actions of a view: {id, key, text, sign, tone, minor} in the order of the bar. */
export function actionsOf(view) {
  const may = (what) => view.allowed.includes(what) && view.rows.length > 0;
  const list = [...MODES[view.mode](may), ...common(may, view)];
  return list.filter(Boolean);
}

const act = (id, key, text, sign, tone = "", minor = false) => ({ id, key, text, sign, tone, minor });
const lesser = (id, key, text, sign) => act(id, key, text, sign, "", true);

const MODES = {
  review: (may) => [
    may("approve") && act("approve", "a", "Approve", "✓", "good"),
    may("reject") && act("reject", "x", "Reject", "✕", "bad"),
    may("skip") && act("skip", "s", "Skip", "»"),
    may("edit") && act("edit", "e", "Edit", "✎"),
  ],
  group: (may) => [
    may("keep") && act("keep-all", "a", "Keep all", "✓", "good"),
    may("keep") && act("keep-several", "k", "Keep several", "☑"),
    may("keep") && act("reject-all", "x", "Reject all", "✕", "bad"),
    may("skip") && act("skip", "s", "Skip", "»"),
  ],
  pair: (may) => [
    may("prefer") && act("prefer-left", "a", "A is better", "◧", "good"),
    may("prefer") && act("prefer-right", "b", "B is better", "◨", "good"),
    may("prefer") && act("tie", "e", "Equal", "="),
    may("prefer") && act("both-bad", "x", "Both bad", "✕", "bad"),
    may("skip") && act("skip", "s", "Skip", "»"),
    may("prefer") && may("edit") && act("edit-left", "1", "Edit A", "✎"),
    may("prefer") && may("edit") && act("edit-right", "2", "Edit B", "✎"),
  ],
  adjudicate: (may) => [
    may("reject") && act("reject", "x", "Reject", "✕", "bad"),
    may("skip") && act("skip", "s", "Skip", "»"),
    may("edit") && act("edit", "e", "Edit", "✎"),
  ],
};

function common(may, view) {
  return [
    may("flag") && lesser("flag", "f", "Flag", "⚑"),
    may("note") && lesser("note", "n", "Note", "✐"),
    view.allowed.includes("undo") && lesser("undo", "z", "Undo", "↶"),
    view.allowed.includes("open") && view.recent.length > 0 && lesser("recent", "ArrowLeft", "Recent", "←"),
    lesser("help", "h", "Help", "?"),
  ];
}

const KEY_NAMES = { ArrowLeft: "←", Escape: "Esc", "Control+Enter": "Ctrl+Enter" };
export const keyName = (key) => KEY_NAMES[key] ?? key.toUpperCase();
export const ariaKey = (key) => (key.length === 1 ? key.toUpperCase() : key);

/** The letter or digit that a key press means: by character, or by place where the layout has another script. */
export function letterOf(event) {
  if (event.key.length > 1) return event.key;
  const place = /^Digit([1-9])$/.exec(event.code)?.[1];
  if (/^[0-9?]$/.test(event.key)) return event.key;
  if (event.shiftKey) return null;
  if (/^[a-z]$/i.test(event.key)) return event.key.toLowerCase();
  if (place) return place;
  const letter = /^Key([A-Z])$/.exec(event.code)?.[1];
  return letter && !/^[\x00-\x7f]$/.test(event.key) ? letter.toLowerCase() : null;
}
