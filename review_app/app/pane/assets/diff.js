// Word differences: lines first, then words within the changed lines (Myers 1986), bounded in time.

const WORD = /\r\n|[^\S\n\r]+|[\n\r]|[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}]|[\p{L}\p{N}\p{M}_]+|./gsu;
const LINE = /[^\n]*\n|[^\n]+/g;
const MAX_EDITS = 600;

/** Pieces [sign, text] in order: 0 the same, -1 only in `before`, +1 only in `after`. */
export function diff(before, after) {
  if (before === after) return before ? [[0, before]] : [];
  const out = [];
  compare(before.match(LINE) ?? [], after.match(LINE) ?? [], (sign, parts) => out.push([sign, parts.join("")]));
  return tidy(refine(tidy(out)));
}

// A deleted block next to an inserted one is compared word by word.
function refine(blocks) {
  const out = [];
  for (let i = 0; i < blocks.length; i += 1) {
    const [sign, text] = blocks[i];
    const next = blocks[i + 1];
    if (sign === -1 && next?.[0] === 1) {
      compare(text.match(WORD) ?? [], next[1].match(WORD) ?? [], (s, parts) => out.push([s, parts.join("")]));
      i += 1;
    } else out.push([sign, text]);
  }
  return out;
}

// Whitespace alone between two changes reads as one change.
function tidy(pieces) {
  const out = [];
  let gone = "";
  let come = "";
  const flush = () => {
    if (gone) out.push([-1, gone]);
    if (come) out.push([1, come]);
    gone = come = "";
  };
  pieces.forEach(([sign, text], i) => {
    const bridge = sign === 0 && (gone || come) && i + 1 < pieces.length && /^[^\S\n]+$/.test(text);
    if (sign <= 0 && (sign || bridge)) gone += text;
    if (sign > 0 || bridge) come += text;
    if (sign === 0 && !bridge) {
      flush();
      out.push([0, text]);
    }
  });
  flush();
  return out;
}

function compare(a, b, emit) {
  let start = 0;
  const shorter = Math.min(a.length, b.length);
  while (start < shorter && a[start] === b[start]) start += 1;
  let tail = 0;
  while (tail < shorter - start && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail += 1;
  if (start) emit(0, a.slice(0, start));
  middle(a.slice(start, a.length - tail), b.slice(start, b.length - tail), emit);
  if (tail) emit(0, a.slice(a.length - tail));
}

function middle(a, b, emit) {
  const path = a.length && b.length ? shortest(a, b) : null;
  if (!path) {
    if (a.length) emit(-1, a);
    if (b.length) emit(1, b);
    return;
  }
  let run = [];
  let sign = null;
  const push = (s, item) => {
    if (s !== sign && run.length) {
      emit(sign, run);
      run = [];
    }
    sign = s;
    run.push(item);
  };
  for (const [s, item] of path) push(s, item);
  if (run.length) emit(sign, run);
}

// The shortest edit script, or null where it has more than MAX_EDITS edits. Deletions come before insertions.
function shortest(a, b) {
  const [n, m] = [a.length, b.length];
  const limit = Math.min(n + m, MAX_EDITS);
  const reach = new Int32Array(2 * limit + 3);
  const at = limit + 1;
  const trace = [];
  for (let d = 0; d <= limit; d += 1) {
    trace.push(reach.slice(at - d - 1, at + d + 2));
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && reach[at + k - 1] < reach[at + k + 1]);
      let x = down ? reach[at + k + 1] : reach[at + k - 1] + 1;
      while (x < n && x - k < m && x - k >= 0 && a[x] === b[x - k]) x += 1;
      reach[at + k] = x;
      if (x >= n && x - k >= m) return walk(a, b, trace);
    }
  }
  return null;
}

function walk(a, b, trace) {
  const out = [];
  let [x, y] = [a.length, b.length];
  for (let d = trace.length - 1; d > 0; d -= 1) {
    const reach = trace[d];
    const k = x - y;
    const at = d + 1;
    const down = k === -d || (k !== d && reach[at + k - 1] < reach[at + k + 1]);
    const fromX = down ? reach[at + k + 1] : reach[at + k - 1];
    const fromY = fromX - (down ? k + 1 : k - 1);
    while (x > fromX && y > fromY && x > 0 && y > 0 && a[x - 1] === b[y - 1]) {
      out.push([0, a[x - 1]]);
      x -= 1;
      y -= 1;
    }
    if (down) out.push([1, b[--y]]);
    else out.push([-1, a[--x]]);
  }
  while (x > 0) {
    out.push([0, a[--x]]);
    y -= 1;
  }
  return out.reverse();
}
