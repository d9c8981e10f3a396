"""The gate's own pages: sign in, signed out, refused. Plain HTML and one style sheet, no script."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from .accounts import Link

SIGN_IN = "/sign-in"
SIGN_IN_WITH = "/sign-in/with/"
SIGN_OUT = "/sign-out"

STYLE = """
:root { color-scheme: light dark; --text: #1a1c22; --back: #fff; --soft: #4a4f5c; --line: #767b88;
  --act: #0b57b7; --on-act: #fff; --bad: #b3121d; }
@media (prefers-color-scheme: dark) { :root { --text: #f1f2f5; --back: #14161b; --soft: #c3c7d0;
  --line: #8d93a1; --act: #8ab8ff; --on-act: #0b1626; --bad: #ff9a9f; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 12vh 1rem 2rem; color: var(--text); background: var(--back);
  font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 26rem; margin: 0 auto; }
h1 { font-size: 1.5rem; margin: 0 0 1rem; }
label { display: block; font-weight: 600; margin-bottom: .25rem; }
input, button, .button { width: 100%; min-height: 2.75rem; padding: .5rem .75rem; font: inherit;
  border-radius: .375rem; }
input { border: 1px solid var(--line); color: inherit; background: transparent; }
button, .button { display: block; margin-top: .75rem; border: 1px solid var(--act); text-align: center;
  text-decoration: none; cursor: pointer; font-weight: 600; }
button { background: var(--act); color: var(--on-act); }
.button { color: var(--act); }
:focus-visible { outline: 3px solid var(--act); outline-offset: 2px; }
.bad { color: var(--bad); font-weight: 600; }
.soft { color: var(--soft); }
code { font-family: ui-monospace, monospace; }
"""


def sign_in_page(*, follow: str, problem: str = "", links: Sequence[Link] = (), again: bool = False) -> str:
    """The page that asks for a token.

    Args:
        follow: The path to go to afterwards.
        problem: What went wrong before.
        links: Other ways to sign in.
        again: Ask for the page once more at once: a browser withholds a strict cookie from a page that
            another site led to, and sends it when our own page asks.
    """
    refresh = f'<meta http-equiv="refresh" content="0;url={escape(follow)}">' if again else ""
    warning = f'<p class="bad" id="problem" role="alert">{escape(problem)}</p>' if problem else ""
    described = (
        ' aria-describedby="problem help" aria-invalid="true"' if problem else ' aria-describedby="help"'
    )
    others = "".join(f'<a class="button" href="{escape(k.path)}">{escape(k.text)}</a>' for k in links)
    body = f"""
<h1>Sign in to review</h1>
{warning}
<form method="post" action="{SIGN_IN}">
<label for="token">Your token</label>
<input id="token" name="token" type="password" autocomplete="off" required{described}>
<input type="hidden" name="follow" value="{escape(follow)}">
<button type="submit">Sign in</button>
</form>
{others}
<p class="soft" id="help">Open the link that <code>tuneset review</code> printed, or paste the token that your
admin gave you. Lost it? Ask for a new one.</p>
"""
    return _page("Sign in", body, refresh)


def sign_out_page(name: str) -> str:
    """The page that asks whether to sign out."""
    body = f"""
<h1>Sign out</h1>
<p>You are signed in as {escape(name)}.</p>
<form method="post" action="{SIGN_OUT}"><button type="submit">Sign out</button></form>
<a class="button" href="/">Go on reviewing</a>
"""
    return _page("Sign out", body)


def message_page(title: str, text: str) -> str:
    """A page that says one thing."""
    return _page(title, f"\n<h1>{escape(title)}</h1>\n<p>{escape(text)}</p>\n")


def _page(title: str, body: str, head: str = "") -> str:
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} - Tuneset</title>{head}"
        f'<link rel="icon" href="data:,"><style>{STYLE}</style></head>'
        f"<body><main>{body}</main></body></html>"
    )
