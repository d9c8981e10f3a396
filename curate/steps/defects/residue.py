"""What a web page or an API left behind."""

from __future__ import annotations

import re

from .base import Pair, Signal, excerpt, texts

_HTML = re.compile(
    r"</?(?:div|span|script|style|p|br|a|b|i|u|em|strong|td|tr|th|table|tbody|ul|ol|li|h[1-6]|img|font|"
    r"center|sup|sub|hr|blockquote|"
    r"html|body|head|section|article|footer|nav|iframe|button|input|label|form|code|pre)(?:\s[^<>]*)?/?>|"
    r"&(?:nbsp|amp|lt|gt|quot|apos|rsquo|lsquo|ldquo|rdquo|mdash|ndash|hellip|copy|#\d{2,5}|"
    r"#x[0-9a-f]{2,5});",
    re.IGNORECASE,
)
_INLINE = re.compile(r"</?(?:b|i|u|em|strong|code|pre|sup|sub|kbd)\b", re.IGNORECASE)
_INLINE_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]+`", re.DOTALL)
_WEB_TALK = re.compile(
    r"\b(?:html5?|xml|xhtml|css|javascript|jsx|vue|react|svg|selectors?|tags?|mark-?up|code|coding|php|"
    r"entit(?:y|ies)|jinja|django|angular|"
    r"bootstrap|jquery|dom|element|script|program|iframe|href|widget|django|flask|asp|ajax|json|yaml|bbcode|"
    r"wiki|markdown|latex|regex|parse|scrap\w+|bold|italics?|underlined?|highlight|superscript|subscript)\b|"
    r"(?<![a-z])html|"
    r"\b(?:create|write|build|design|generate|make|develop|construct|implement|add|"
    r"insert)\b[^.\n]{0,40}\b(?:web ?(?:page|site)|form|table|button|link|landing page|page|template|"
    r"layout)\b|"
    r"网页|标签|代码|ページ|タグ|страниц|тег",
    re.IGNORECASE,
)
_SCRAPE = re.compile(
    r"^\W*(?:copy code|copy to clipboard|copied!|regenerate response|share this (?:article|post|page)|read "
    r"more|click (?:here|to)[^.\n]{0,40}|"
    r"\d{1,2} ?/ ?\d{1,2}|copy\d+ chars ?/ ?\d+ words|show (?:more|less)|see more|load more|advertisement|"
    r"skip to (?:main )?content|"
    r"(?:accept|manage) (?:all )?cookies|cookie (?:policy|settings)|we use cookies[^\n]*|subscribe to our "
    r"newsletter[^\n]*|sign (?:in|up)(?: to continue)?|"
    r"(?:log|sign) ?in|upvote|downvote|\d+ (?:up)?votes?|\d+ comments?|reply|report abuse|permalink|table "
    r"of contents|all rights reserved[^\n]*|©[^\n]*|"
    r"edited \d+ \w+ ago|posted (?:by|on)[^\n]*|(?:this )?answer (?:is )?accepted|was this (?:answer |page |"
    r"article )?helpful\??|"
    r"(?:share|tweet|pin it|like|follow us)(?: on (?:facebook|twitter|x|instagram))?)\W*$",
    re.IGNORECASE | re.MULTILINE,
)
_SURE_SCRAPE = re.compile(
    r"\bcopy code\b|copy\d+ chars|regenerate response|skip to (?:main )?content|we use cookies|all rights "
    r"reserved|"
    r"was this (?:answer |page |article )?helpful\?|share this (?:article|post)|copy to clipboard|subscribe "
    r"to our newsletter|read more\s*$",
    re.IGNORECASE,
)
_NEAR_SCRAPE = texts(
    "copy code¦ chars¦regenerate response¦skip to¦we use cookies¦all rights¦was this¦share this¦"
    "copy to clipboard¦subscribe to¦read more"
)
"""Without one of these in lower case, `_SURE_SCRAPE` finds nothing in an ASCII text."""
_API_ERROR = re.compile(
    r"^\W*(?:(?:http )?error(?: code)?:? ?[45]\d\d\b|(?:http/\d(?:\.\d)? )?[45]\d\d (?:bad|unauthori|"
    r"payment|forbidden|not found|internal|too many|service|gateway|request)|"
    r"(?:openai|anthropic|requests|urllib3|httpx|aiohttp)\.\S*(?:error|exception|timeout)|\w*(?:rate ?limit|"
    r"api|timeout|connection)(?:error|exception)\b|"
    r"(?:api |request )?rate ?limit (?:reached|exceeded|error)|you(?:'ve| have) (?:exceeded|reached) "
    r"(?:your|the) [\w ]*(?:quota|limit)|you exceeded your current quota|"
    r"too many requests\b|internal server error\b|bad gateway|service (?:temporarily )?unavailable|gateway "
    r"time-?out|\{\"?'?error\"?'?: ?[{\"']|"
    r"network error\b|(?:the |that )?model[^.\n]{0,40} (?:is )?(?:currently )?overloaded|overloaded_error|"
    r"(?:an|unknown|unexpected|some) error (?:has )?occurred\b|something went wrong\b|request timed? ?out|"
    r"connection (?:error|refused|reset|timed out)|"
    r"this model'?s maximum context length|context[_ ]length[_ ]exceeded|invalid[_ ](?:api[_ ]key|request)|"
    r"incorrect api key|"
    r"(?:insufficient_quota|server_error|content_filter|rate_limit_exceeded)\b|"
    r"traceback \(most recent call last\)|max retries exceeded|error in (?:message stream|body stream|"
    r"moderation|generating)|failed to (?:fetch|generate|get) (?:a )?(?:response|completion)|"
    r"sorry, i cannot provide a translation|(?:the )?response was (?:filtered|blocked|empty)|no response "
    r"(?:received|from|generated)|\[?(?:error|failed|timeout|exception)\]?[:!.]?\W*$)",
    re.IGNORECASE,
)
_ERROR_TALK = re.compile(
    r"\berrors?\b|exception|traceback|\bhttp\b|status code|debug|\blogs?\b|api\b|message|ошибк|错误|エラー|"
    r"fehler",
    re.IGNORECASE,
)


def _html(pair: Pair) -> str | None:
    text = pair.response if "`" not in pair.response else _INLINE_CODE.sub("", pair.response)
    found = _HTML.findall(text)
    if len(found) < 2 or all(_INLINE.match(tag) for tag in found):
        return None
    if _WEB_TALK.search(pair.prompt) or _HTML.search(pair.prompt) or _WEB_TALK.search(pair.system):
        strange = "</div><script>" in text or text.count("&nbsp;") > 1
        if not strange or re.search(r"html|code|script", pair.prompt, re.I):
            return None
    return f"{len(found)} tags or entities, such as {found[0]!r}"


def _scrape(pair: Pair) -> str | None:
    near = not pair.response.isascii() or any(map(pair.lower.__contains__, _NEAR_SCRAPE))
    found = _SURE_SCRAPE.search(pair.response) if near else None
    if found is None and "\n" not in pair.response:  # a single line, where it takes two
        return None
    if found is None or found.group().lower().startswith("all rights"):
        lines = _SCRAPE.findall(pair.response)
        if len(lines) < (1 if found else 2):
            return None
        found = found or _SCRAPE.search(pair.response)
    if (
        found is None
        or found.group().lower() in pair.prompt_lower
        or (pair.asks_code and pair.is_code and "copy" not in found.group().lower())
    ):
        return None
    return excerpt(pair.response, found.start())


def _page_number(pair: Pair) -> str | None:
    found = re.match(
        r"\s*(\d{1,2}) ?/ ?(\d{1,2})\s*\n|(?:.|\n)*\n\s*(\d{1,2}) ?/ ?(\d{1,2})\s*$", pair.response
    )
    return (
        excerpt(found.group().strip()[-12:])
        if found and len(pair.response) > 6 and "fraction" not in pair.prompt_lower
        else None
    )


def _residue(pair: Pair) -> str | None:
    return _scrape(pair) or (
        _page_number(pair) if "/" in pair.response[:8] or "/" in pair.response[-8:] else None
    )


def _api_error(pair: Pair) -> str | None:
    found = _API_ERROR.search(pair.response[:200])
    if (
        not found
        or len(pair.response) >= 500
        or _ERROR_TALK.search(pair.prompt)
        or (pair.asks_code and len(pair.response) > 60)
    ):
        return None
    return excerpt(pair.response)


SIGNALS = (
    Signal(
        "api_error",
        "The answer is an error message of an API.",
        "FastChat optional_clean; error texts of the OpenAI and Anthropic APIs",
        True,
        _api_error,
        texts(
            "error¦too many requests¦rate limit¦ratelimit¦exceeded¦quota¦overloaded¦unavailable¦"
            "timeout¦timed out¦time out¦time-out¦bad gateway¦went wrong¦connection¦context length¦"
            "context_length¦api key¦api_key¦invalid_request¦invalid request¦traceback¦failed¦"
            "cannot provide a translation¦content_filter¦response was¦no response¦exception¦"
            "unauthori¦forbidden¦not found¦bad request¦403¦404¦429"
        ),
    ),
    Signal(
        "html_residue",
        "HTML tags or entities of a web page are left in the answer.",
        "C4 and FineWeb line filters; ShareGPT clean_sharegpt.py",
        True,
        _html,
        texts(
            "</¦<br¦<p>¦<p ¦<div¦<span¦<img¦<hr¦<li>¦<td¦<a ¦&nbsp;¦&amp;¦&lt;¦&gt;¦&quot;¦&#¦"
            "&rsquo;¦&lsquo;¦&ldquo;¦&rdquo;¦&mdash;¦&ndash;¦&hellip;¦&copy;¦&apos;"
        ),
    ),
    Signal(
        "scrape_residue",
        "Buttons, page numbers or footers of the page it was copied from are left in the answer.",
        "FastChat clean_sharegpt: 'Copy code', page counters",
        False,
        _residue,
        texts(
            "copy code¦copy to clipboard¦copied!¦regenerate response¦read more¦click here¦click to¦"
            " chars¦show more¦show less¦see more¦load more¦advertisement¦skip to¦cookie¦newsletter¦"
            "sign in¦sign up¦log in¦login¦upvote¦downvote¦votes¦comments¦permalink¦rights reserved¦©¦"
            "posted by¦posted on¦accepted¦helpful?¦share¦tweet¦follow us¦1 / ¦2 / ¦1/¦2/¦3/¦4/¦5/¦"
            "3 / ¦4 / ¦5 / "
        ),
    ),
)
