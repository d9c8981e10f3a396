"""The stylesheet of evaluation reports: one column, light and dark, no outside files."""

from __future__ import annotations

STYLE = """
:root {
  --paper: #fcfbf9; --ink: #1d2226; --quiet: #626a70; --line: #e2dfd8; --soft: #f3f1ec;
  --accent: #13655f; --tuned: #1b7069; --base: #8b918d; --good: #13655f; --bad: #9a3b26;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171a; --ink: #e5e7e6; --quiet: #9ba4a8; --line: #2c3236; --soft: #1c2125;
    --accent: #5cc0b3; --tuned: #3d968c; --base: #7d868a; --good: #5cc0b3; --bad: #ef9a85;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 2.5rem 1.5rem 4rem; max-width: 60rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  font-variant-numeric: tabular-nums; overflow-wrap: anywhere;
}
h1 { font-size: 1.6rem; line-height: 1.35; font-weight: 400; margin: 0 0 1rem; max-width: 46rem; }
h2 { font-size: 1.2rem; font-weight: 650; margin: 0 0 .9rem; }
section { margin-top: 2.5rem; padding-top: 1.5rem; border-top: 1px solid var(--line); }
p { margin: 0 0 .75rem; max-width: 46rem; }
code, pre { font-family: ui-monospace, "SF Mono", Menlo, Consolas, monospace; font-size: .875em; }
pre { margin: 0; white-space: pre-wrap; unicode-bidi: plaintext; }
.kicker { color: var(--accent); font-size: .875rem; font-weight: 600; margin: 0 0 .5rem; }
.quiet, small { color: var(--quiet); font-size: .875rem; font-weight: 400; }
.better b { color: var(--good); } .worse b { color: var(--bad); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .9375rem; }
caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
th, td {
  text-align: left; vertical-align: top; padding: .5rem 1rem .5rem 0; border-bottom: 1px solid var(--line);
}
thead th { font-size: .8125rem; font-weight: 500; color: var(--quiet); white-space: nowrap; }
tbody th { font-weight: 550; min-width: 9rem; }
.n { text-align: right; white-space: nowrap; }
svg { display: block; width: 100%; height: auto; min-width: 34rem; max-width: 46rem; margin: 1rem 0; }
svg text { fill: var(--ink); font-size: 13px; } svg .tick { fill: var(--quiet); font-size: 12px; }
svg .axis { stroke: var(--line); } svg .zero { stroke: var(--quiet); stroke-dasharray: 3 3; }
svg .interval { stroke: var(--tuned); stroke-width: 4; stroke-linecap: round; }
svg .point { fill: var(--ink); }
svg .train { fill: none; stroke: var(--base); stroke-width: 1.5; }
svg .validation { fill: none; stroke: var(--tuned); stroke-width: 2; } svg .dot { fill: var(--tuned); }
details > summary { cursor: pointer; padding: .4rem 0; color: var(--accent); width: fit-content; }
.sample { border: 1px solid var(--line); border-radius: 6px; background: var(--soft); padding: .8rem 1rem; }
.sample + .sample { margin-top: .8rem; }
.sample dl { display: grid; grid-template-columns: 6rem 1fr; gap: .3rem .8rem; margin: 0; }
.sample dt { color: var(--quiet); font-size: .8125rem; padding-top: .1rem; }
.sample dd { margin: 0; }
@media (max-width: 40rem) { .sample dl { grid-template-columns: 1fr; } }
@media print { details:not([open]) > * { display: block; } }
"""
