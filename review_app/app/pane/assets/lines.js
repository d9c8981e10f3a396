// A text area knows only LF. The line ends of the original come back where its lines stayed.

const LINES = /([^\r\n]*)(\r\n|\r|\n|$)/g;

function split(text) {
  const lines = [];
  for (const match of text.matchAll(LINES)) {
    if (match[0] === "" && lines.length && lines[lines.length - 1].end === "") break;
    lines.push({ text: match[1], end: match[2] });
    if (match[2] === "") break;
  }
  return lines;
}

/** Which line ends a text has: "LF", "CRLF", "CR", "mixed", or null for none. */
export function endsOf(text) {
  const kinds = new Set(text.match(/\r\n|\r|\n/g) ?? []);
  if (kinds.size === 0) return null;
  if (kinds.size > 1) return "mixed";
  return { "\n": "LF", "\r\n": "CRLF", "\r": "CR" }[[...kinds][0]];
}

/** The typed text with the line ends of `original`: lines before and after the change keep theirs, new ones
 *  take the most frequent one. */
export function withEnds(original, typed) {
  if (!original.includes("\r")) return typed;
  const old = split(original);
  const now = typed.split("\n");
  const usual = usualEnd(old);
  let head = 0;
  while (head < old.length && head < now.length && old[head].text === now[head]) head += 1;
  let tail = 0;
  while (tail < old.length - head && tail < now.length - head
    && old[old.length - 1 - tail].text === now[now.length - 1 - tail]) tail += 1;
  return now.map((line, i) => {
    if (i === now.length - 1) return line;
    if (i < head) return line + (old[i].end || usual);
    const fromEnd = now.length - i;
    if (fromEnd <= tail) return line + (old[old.length - fromEnd].end || usual);
    // A changed line in the same place keeps the end that stood there.
    return line + ((now.length === old.length && old[i].end) || usual);
  }).join("");
}

function usualEnd(lines) {
  const counts = new Map();
  for (const { end } of lines) if (end) counts.set(end, (counts.get(end) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? "\n";
}
