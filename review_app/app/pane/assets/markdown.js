// A small, safe part of Markdown, drawn as elements. Nothing is fetched and nothing can be clicked: links
// show their host, images their text and host, and HTML stays text.

import { el } from "./dom.js";
import { appendText } from "./hidden.js";

const MAX_DEPTH = 6;
const FENCE = /^ {0,3}(```+|~~~+)\s*([^`]*)$/;
const HEADING = /^ {0,3}(#{1,6})(?:\s+(.*?))?(?:\s+#+)?\s*$/;
const RULE = /^ {0,3}([-*_])(?:\s*\1){2,}\s*$/;
const ITEM = /^( {0,9})([-*+]|\d{1,9}[.)])(?:\s+|$)(.*)$/;
const QUOTE = /^ {0,3}> ?/;
const TABLE_RULE = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/;

/** The text as rendered blocks, appended to `parent`. */
export function renderMarkdown(parent, text) {
  blocks(parent, text.replace(/\r\n?/g, "\n").split("\n"), 0);
  return parent;
}

function blocks(parent, lines, depth) {
  let i = 0;
  while (i < lines.length) {
    const line = lines[i];
    if (!line.trim()) i += 1;
    else if (FENCE.test(line)) i = fence(parent, lines, i);
    else if (HEADING.test(line)) i = heading(parent, lines, i);
    else if (RULE.test(line)) {
      parent.append(el("hr"));
      i += 1;
    } else if (depth < MAX_DEPTH && QUOTE.test(line)) i = quote(parent, lines, i, depth);
    else if (depth < MAX_DEPTH && ITEM.test(line)) i = list(parent, lines, i, depth);
    else if (line.includes("|") && TABLE_RULE.test(lines[i + 1] ?? "") && lines[i + 1].includes("-")) i = table(parent, lines, i);
    else i = paragraph(parent, lines, i, depth);
  }
}

function fence(parent, lines, start) {
  const [, mark, info] = FENCE.exec(lines[start]);
  let i = start + 1;
  const code = [];
  while (i < lines.length) {
    const close = FENCE.exec(lines[i]);
    if (close && close[1][0] === mark[0] && close[1].length >= mark.length && !close[2].trim()) break;
    code.push(lines[i]);
    i += 1;
  }
  const pre = el("pre", { dir: "ltr", tabindex: "0", "aria-label": info.trim() ? `code, ${info.trim()}` : "code", role: "region" });
  const inner = el("code");
  appendText(inner, code.join("\n"));
  pre.append(inner);
  parent.append(info.trim() ? el("div", { class: "codename", dir: "ltr" }, info.trim()) : "", pre);
  return i + 1;
}

// The page's own headings stay above: a data heading is drawn as one, and named as one, two levels down.
function heading(parent, lines, i) {
  const [, marks, text = ""] = HEADING.exec(lines[i]);
  const level = Math.min(6, marks.length + 3);
  const node = el("div", { class: `md-h md-h${marks.length}`, role: "heading", "aria-level": level, dir: "auto" });
  inline(node, text);
  parent.append(node);
  return i + 1;
}

function quote(parent, lines, start, depth) {
  let i = start;
  const inner = [];
  while (i < lines.length && (QUOTE.test(lines[i]) || (lines[i].trim() && inner.at(-1)?.trim() && !starts(lines[i])))) {
    inner.push(lines[i].replace(QUOTE, ""));
    i += 1;
  }
  const node = el("blockquote", { dir: "auto" });
  blocks(node, inner, depth + 1);
  parent.append(node);
  return i;
}

const starts = (line) => FENCE.test(line) || HEADING.test(line) || RULE.test(line) || ITEM.test(line) || QUOTE.test(line);

function list(parent, lines, start, depth) {
  const [, indent, mark] = ITEM.exec(lines[start]);
  const ordered = /\d/.test(mark);
  const node = el(ordered ? "ol" : "ul", { dir: "auto", start: ordered ? parseInt(mark, 10) : null });
  let i = start;
  while (i < lines.length) {
    const match = ITEM.exec(lines[i]);
    if (!match || match[1].length !== indent.length || /\d/.test(match[2]) !== ordered || RULE.test(lines[i])) break;
    const inset = indent.length + 2;
    const inner = [match[3]];
    i += 1;
    while (i < lines.length && belongs(lines, i, inset)) {
      inner.push(lines[i].replace(new RegExp(`^ {0,${inset + 1}}`), ""));
      i += 1;
    }
    while (inner.length && !inner.at(-1).trim()) inner.pop();
    const item = el("li");
    if (inner.length === 1) inline(item, inner[0]);
    else blocks(item, inner, depth + 1);
    node.append(item);
  }
  parent.append(node);
  return i;
}

function belongs(lines, i, inset) {
  const line = lines[i];
  const deep = /^ */.exec(line)[0].length >= inset;
  if (!line.trim()) return /^ +\S/.test(lines[i + 1] ?? "") || ITEM.test(lines[i + 1] ?? "");
  return deep || (!starts(line) && Boolean(lines[i - 1].trim()));
}

const cells = (line) => line.trim().replace(/^\|/, "").replace(/\|$/, "").split(/(?<!\\)\|/).map((cell) => cell.trim());

function table(parent, lines, start) {
  const head = cells(lines[start]);
  const row = (texts, name) => el("tr", {}, head.map((_, c) => {
    const cell = el(name, { dir: "auto", scope: name === "th" ? "col" : null });
    inline(cell, (texts[c] ?? "").replaceAll("\\|", "|"));
    return cell;
  }));
  const body = [];
  let i = start + 2;
  while (i < lines.length && lines[i].includes("|") && lines[i].trim()) {
    body.push(row(cells(lines[i]), "td"));
    i += 1;
  }
  parent.append(el("div", { class: "table", tabindex: "0", role: "region", "aria-label": "table" },
    el("table", {}, el("thead", {}, row(head, "th")), el("tbody", {}, body))));
  return i;
}

function paragraph(parent, lines, start, depth) {
  let i = start + 1;
  while (i < lines.length && lines[i].trim() && !(starts(lines[i]) && (depth < MAX_DEPTH || !ITEM.test(lines[i])))) i += 1;
  const node = el("p", { dir: "auto" });
  lines.slice(start, i).forEach((line, n) => {
    if (n) node.append(el("br"));
    inline(node, line.trim());
  });
  parent.append(node);
  return i;
}

const INLINE = new RegExp([
  "(?<code>(?<ticks>`+)(?!`)(?<inner>[^\\n]{1,2000}?)(?<!`)\\k<ticks>(?!`))",
  "\\\\(?<escaped>[!-/:-@\\[-`{-~])",
  "(?<image>!\\[(?<alt>[^\\]\\n]{0,500})\\]\\((?<src>[^()\\s]{0,2000}(?:\\([^()\\s]{0,200}\\))?[^()\\s]{0,200})(?:\\s+[\"'][^\"'\\n]{0,500}[\"'])?\\s*\\))",
  "(?<link>\\[(?<label>[^\\]\\n]{0,500})\\]\\((?<href>[^()\\s]{0,2000}(?:\\([^()\\s]{0,200}\\))?[^()\\s]{0,200})(?:\\s+[\"'][^\"'\\n]{0,500}[\"'])?\\s*\\))",
  "(?<url>https?://[^\\s<>\"')\\]]{1,2000})",
  "(?<strong>\\*\\*(?=\\S)(?<bold>[^\\n]{1,1000}?\\S)\\*\\*|__(?=\\S)(?<bold2>[^\\n]{1,1000}?\\S)__)",
  "(?<del>~~(?=\\S)(?<gone>[^\\n~]{1,1000})~~)",
  "(?<em>\\*(?=[^\\s*])(?<slant>[^*\\n]{1,1000})(?<=\\S)\\*|(?<![\\p{L}\\p{N}_])_(?=[^\\s_])(?<slant2>[^_\\n]{1,1000})(?<=\\S)_(?![\\p{L}\\p{N}_]))",
].join("|"), "gu");

function inline(parent, text, depth = 0) {
  if (depth > 4 || text.length > 20_000) {
    appendText(parent, text);
    return;
  }
  let done = 0;
  for (const match of text.matchAll(INLINE)) {
    if (match.index > done) appendText(parent, text.slice(done, match.index));
    done = match.index + match[0].length;
    piece(parent, match.groups, depth);
  }
  if (done < text.length) appendText(parent, text.slice(done));
}

function piece(parent, found, depth) {
  const nested = (name, inner) => {
    const node = el(name);
    inline(node, inner, depth + 1);
    parent.append(node);
  };
  if (found.code) {
    const code = el("code", { dir: "ltr" });
    appendText(code, found.inner);
    parent.append(code);
  } else if (found.escaped) parent.append(found.escaped);
  else if (found.image) appendText(parent, `[image: ${found.alt || "no text"} → ${hostOf(found.src)}]`);
  else if (found.link) link(parent, found.label, found.href, depth);
  else if (found.url) link(parent, found.url, found.url, depth, true);
  else if (found.strong) nested("strong", found.bold ?? found.bold2);
  else if (found.del) nested("s", found.gone);
  else nested("em", found.slant ?? found.slant2);
}

function link(parent, label, href, depth, bare = false) {
  const node = el("span", { class: "link", title: href });
  if (bare) appendText(node, label);
  else inline(node, label, depth + 2);
  const host = hostOf(href);
  if (!bare || !label.includes(`//${host}`)) node.append(el("span", { class: "host", dir: "ltr" }, ` ⟨${host}⟩`));
  parent.append(node);
}

/** Where an address leads, in ASCII: a host as the browser would ask for it, or the scheme. */
export function hostOf(address) {
  const scheme = /^\s*([a-z][a-z0-9+.-]*):/i.exec(address)?.[1]?.toLowerCase();
  if (scheme && !/^https?$/.test(scheme)) return `${scheme}: address`;
  if (!scheme && !address.startsWith("//")) return "no host";
  try {
    return new URL(scheme ? address : `https:${address}`).host || "no host";
  } catch {
    return "broken address";
  }
}
