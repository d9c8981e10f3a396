// Characters that do not show: each gets a visible token with its name. The character itself stays in the
// text, in an isolate of its own, so copying gives the real text and no control reorders its neighbours.

import { el } from "./dom.js";

const NAMES = {
  0x00: "NUL", 0x07: "BEL", 0x08: "BS", 0x0b: "VT", 0x0c: "FF", 0x0d: "CR", 0x1b: "ESC", 0x7f: "DEL", 0x85: "NEL",
  0xa0: "NBSP", 0xad: "SHY", 0x034f: "CGJ", 0x061c: "ALM", 0x115f: "HCF", 0x1160: "HJF", 0x1680: "OGHAM SP",
  0x17b4: "KIV AQ", 0x17b5: "KIV AA", 0x180e: "MVS", 0x2000: "NQ SP", 0x2001: "MQ SP", 0x2002: "EN SP",
  0x2003: "EM SP", 0x2004: "1/3 EM", 0x2005: "1/4 EM", 0x2006: "1/6 EM", 0x2007: "FIGURE SP", 0x2008: "PUNCT SP",
  0x2009: "THIN SP", 0x200a: "HAIR SP", 0x200b: "ZWSP", 0x200c: "ZWNJ", 0x200d: "ZWJ", 0x200e: "LRM", 0x200f: "RLM",
  0x2028: "LINE SEP", 0x2029: "PARA SEP", 0x202a: "LRE", 0x202b: "RLE", 0x202c: "PDF", 0x202d: "LRO", 0x202e: "RLO",
  0x202f: "NNBSP", 0x205f: "MATH SP", 0x2060: "WJ", 0x2061: "FN APPLY", 0x2062: "INV TIMES", 0x2063: "INV SEP",
  0x2064: "INV PLUS", 0x2066: "LRI", 0x2067: "RLI", 0x2068: "FSI", 0x2069: "PDI", 0x206a: "ISS", 0x206b: "ASS",
  0x206c: "IAFS", 0x206d: "AAFS", 0x206e: "NADS", 0x206f: "NODS", 0x2800: "BRAILLE BLANK", 0x3000: "IDEO SP",
  0x3164: "HANGUL FILLER", 0xfeff: "BOM", 0xffa0: "HALF FILLER", 0xfff9: "IAA", 0xfffa: "IAS", 0xfffb: "IAT",
  0xfffc: "OBJECT", 0xe0001: "LANG TAG", 0xe007f: "TAG END",
};
const TITLES = {
  NBSP: "no-break space", SHY: "soft hyphen", ALM: "Arabic letter mark", ZWSP: "zero width space",
  ZWNJ: "zero width non-joiner", ZWJ: "zero width joiner", LRM: "left-to-right mark", RLM: "right-to-left mark",
  LRE: "left-to-right embedding", RLE: "right-to-left embedding", PDF: "pop directional formatting",
  LRO: "left-to-right override", RLO: "right-to-left override", LRI: "left-to-right isolate",
  RLI: "right-to-left isolate", FSI: "first strong isolate", PDI: "pop directional isolate", WJ: "word joiner",
  BOM: "zero width no-break space (byte order mark)", NNBSP: "narrow no-break space", CR: "carriage return",
  ESC: "escape", NUL: "null", CGJ: "combining grapheme joiner", OBJECT: "object replacement character",
  MVS: "Mongolian vowel separator", "IDEO SP": "ideographic space", "BRAILLE BLANK": "Braille pattern blank",
};

// Format characters that are drawn (Arabic number signs and their like) are not hidden.
const DRAWN = "\\u0600-\\u0605\\u06DD\\u070F\\u0890\\u0891\\u08E2\\u{110BD}\\u{110CD}";
const UNSEEN = `(?![${DRAWN} \\n\\t])[\\p{Cc}\\p{Cf}\\p{Cn}\\p{Co}\\p{Cs}\\p{Zs}\\p{Zl}\\p{Zp}\\p{Default_Ignorable_Code_Point}\\u2800\\uFFFC]`;
// A picture made of several code points stays whole; what is hidden in it is told behind it.
const PART = "\\p{Extended_Pictographic}\\p{Emoji_Modifier}?\\uFE0F?";
const PICTURE = `(?:${PART}(?:\\u200D${PART})+|\\p{Extended_Pictographic}\\p{Emoji_Modifier}?\\uFE0F|[0-9#*]\\uFE0F\\u20E3)`;
const FIND = new RegExp(`\\r\\n|${PICTURE}|(${UNSEEN})\\1*|[\\u{E0020}-\\u{E007E}]+`, "gu");
const TAGS = /^[\u{E0020}-\u{E007E}]$/u;
const MAYBE = /[^\n\t\x20-\x7e]/;

/** Short name of a code point: "ZWSP", or "U+E123". */
export function nameOf(code) {
  if (NAMES[code]) return NAMES[code];
  if (code >= 0xfe00 && code <= 0xfe0f) return `VS${code - 0xfe00 + 1}`;
  if (code >= 0xe0100 && code <= 0xe01ef) return `VS${code - 0xe0100 + 17}`;
  if (code >= 0xe0020 && code <= 0xe007e) return `TAG ${String.fromCodePoint(code - 0xe0000)}`;
  return `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
}

function titleOf(code) {
  const name = nameOf(code);
  const number = `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
  if (TITLES[name]) return `${number} ${TITLES[name]}`;
  if (code >= 0xd800 && code <= 0xdfff) return `${number} half of a surrogate pair: no valid character`;
  return name === number ? number : `${number} ${name}`;
}

function token(text, label, title, shown = false) {
  return el("span", { class: shown ? "tok shown" : "tok", "data-name": label, title, role: "img", "aria-label": title },
    el("span", { class: "real" }, text));
}

function tagToken(run) {
  const said = Array.from(run, (c) => String.fromCodePoint(c.codePointAt(0) - 0xe0000)).join("");
  return token(run, `TAGS “${said}”`, `${said.length} tag characters that spell: ${said}`);
}

function runToken(run) {
  const code = run.codePointAt(0);
  const times = run.length / (code > 0xffff ? 2 : 1);
  const many = times > 1 ? ` ×${times}` : "";
  return token(run, nameOf(code) + many, titleOf(code) + many);
}

function pictureToken(text) {
  const codes = Array.from(text, (c) => c.codePointAt(0)).filter((c) => c === 0x200d || c === 0xfe0f);
  const names = [...new Set(codes.map(nameOf))].join(" ");
  return token(text, names, `picture with ${codes.map(titleOf).join(", ")}`, true);
}

/**
 * Append a text with every hidden character visible.
 * @param options spaces: show line ends and spaces at them too; goesOn: the text goes on in another piece.
 */
export function appendText(parent, text, { spaces = false, goesOn = false } = {}) {
  if (!MAYBE.test(text)) return spaces ? appendSpaces(parent, text, !goesOn) : void parent.append(text);
  const plain = (part, next) => (spaces ? appendSpaces(parent, part, next === "\r" || (next === undefined && !goesOn)) : parent.append(part));
  let done = 0;
  let tagged = "";
  const flush = () => {
    if (tagged) parent.append(tagToken(tagged));
    tagged = "";
  };
  for (const match of text.matchAll(FIND)) {
    const [found] = match;
    const at = match.index;
    if (at > done) {
      flush();
      plain(text.slice(done, at), text[at]);
    }
    done = at + found.length;
    if (TAGS.test(String.fromCodePoint(found.codePointAt(0)))) {
      tagged += found;
      continue;
    }
    flush();
    if (found === "\r\n") parent.append(spaces ? lineEnd(found, "CRLF") : found);
    else parent.append(match[1] === undefined ? pictureToken(found) : runToken(found));
  }
  flush();
  if (done < text.length) plain(text.slice(done));
}

const lineEnd = (text, name) => el("span", { class: "end", "data-name": name, title: `line end: ${name}` }, text);

// Spaces before a line end (or the end of the text), tabs, and the line ends themselves.
function appendSpaces(parent, text, ends) {
  let done = 0;
  for (const match of text.matchAll(ends ? /\t|\n| +(?=\n|$)/g : /\t|\n| +(?=\n)/g)) {
    if (match.index > done) parent.append(text.slice(done, match.index));
    const [found] = match;
    if (found === "\n") parent.append(lineEnd(found, "LF"));
    else if (found === "\t") parent.append(el("span", { class: "tab", title: "tab" }, found));
    else {
      const name = found.length > 1 ? `${found.length} spaces at the line's end` : "space at the line's end";
      parent.append(el("span", { class: "trail", title: name, "data-dots": "·".repeat(found.length) }, found));
    }
    done = match.index + found.length;
  }
  if (done < text.length) parent.append(text.slice(done));
}

const FENCE = /^ {0,3}(```+|~~~+)/;

/** A text as it is: hidden characters marked; fenced code in a left-to-right run of its own. */
export function rawText(parent, text, options = {}) {
  if (!/```|~~~/.test(text)) {
    appendText(parent, text, options);
    return parent;
  }
  let fence = null;
  let part = "";
  const flush = (code) => {
    if (!part) return;
    const into = code ? el("span", { class: "fence", dir: "ltr" }) : parent;
    appendText(into, part, options);
    if (code) parent.append(into);
    part = "";
  };
  for (const line of text.match(/[^\n]*\n|[^\n]+$/g) ?? []) {
    const mark = FENCE.exec(line)?.[1];
    if (fence === null && mark) {
      flush(false);
      fence = mark;
      part = line;
    } else if (fence !== null && mark && mark[0] === fence[0] && mark.length >= fence.length && line.trim() === mark) {
      part += line;
      flush(true);
      fence = null;
    } else part += line;
  }
  flush(fence !== null);
  return parent;
}
