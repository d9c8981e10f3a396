"""The words of a text: its opening without code, addresses, tags and formulas."""

from __future__ import annotations

import functools
import re
from itertools import islice

from .languages import SCRIPTS
from .scripts import is_latin, script_counts

MAX_CHARS = 300
HEAD_CHARS = 2 * MAX_CHARS
MIN_LETTERS = 4
MOSTLY_CODE = 0.5
PARTLY_CODE = 0.25
SENTENCE_WORDS = 6
PHRASE_WORDS = 3
FEW_LETTERS = 60
SHARED_SCRIPTS = frozenset({"latin", "greek", *SCRIPTS})
"""Scripts whose letters few of tell nothing: of several languages, and of formulas."""

_BLOCK = re.compile(r"```.*?(?:```|$)|~~~.*?(?:~~~|$)|<(script|style|code|pre)\b.*?(?:</\1>|$)", re.DOTALL)
_INLINE = re.compile(r"`[^`\n]{1,200}`")
_ADDRESS = re.compile(r"[A-Za-z]+://[!-~]+")
_NOISE_KINDS = (
    r"www\.[!-~]+",
    r"(?<![\w.+-])[\w.+-]+@[\w-]+\.[!-~]+",
    r"<[^>\n]{1,80}>|<\|\w+\|>",
    r"&\w{2,6};",
    r"(?<![!-~])[!-~]*(?:\w_\w|\\\w|[A-Za-z]\d|\d[A-Za-z])[!-~]*",
    r"(?<![\w.])[\w.]+\(\)",
    r"\b[a-z]+[A-Z]\w*",
)
"""Addresses, mail addresses, tags, entities, names with signs or digits, calls, names in camel case."""

_KINDS = {
    "a": "abcdefghijklmnopqrstuvwxyz",
    "A": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "0": "0123456789",
    "(": "{}();=#$[]|\\<>+*^",
    "\n": "\n",
}
_SIGNS = bytes(next((ord(kind) for kind, chars in _KINDS.items() if chr(i) in chars), 32) for i in range(256))
"""What each byte of a text is for the tests of code and noise: a sign, a letter, a digit, a line's end."""

_CODE_LINE = re.compile(
    r"^\s+return\b|"
    r"^\s*(?:#include\b|#!|import [\w.]+(?: as \w+|\s*;|\s*$)|from [\w.]+ import|def \w+\(|class \w+[(:{]|"
    r"(?:enum|struct|interface|namespace|package) \w+|<\?php|\w+(?:\.\w+)+\(|"
    r"func(?:tion)? ?\w*\(|(?:public|private|static|protected) \w+[ <(]|"
    r"(?:const|let|var|int|float|double|char|string|auto) \w+ ?[=;]|"
    r"(?:SELECT\b.* FROM|INSERT INTO|CREATE TABLE|UPDATE \w+ SET|DELETE FROM)\b|for \w+ in .*:|"
    r"(?:for|while|if|elif|catch|switch) ?\(.*[{):;]\s*$|(?:print|puts|printf)\(|@\w+\s*(?:\(|$)|"
    r"/\*|\*/|<[/!]?\w+|\.\w+\(|[{}()\[\];,\s]+$)|"
    r"^\s*\w+(?:\.\w+)*\(.*\)\s*;?\s*$|^\s*\$?[\w.\[\]'\"]+ ?[-+*/|&]?= ?['\"\w\[({]"
)
_SCOPE = re.compile(r"\w::\w")
_SENTENCE = re.compile(r"\W*(?:[^\W\d_]+(?:['’][^\W\d_]+)?[+#]*,? ){4}")
_MAYBE_CODE = re.compile(
    r"\s*(?:(?:SELECT|FROM|WHERE|ORDER BY|GROUP BY|HAVING|LIMIT|INSERT INTO|VALUES|UPDATE|DELETE|"
    r"CREATE TABLE|(?:INNER |LEFT |RIGHT )?JOIN|SET|ON)\b|return\b|using \w|"
    r"(?:if|elif|else|for|while|try|except|with|finally)\b[^.?!]*:\s*$|"
    r"(?:else|fi|done|esac|end|then|do|begin|endif|try|pass|break|continue);?\s*$|(?:echo|print)\b|//)"
)
_SHELL = re.compile(r"\| ?\w+ -|\$[A-Za-z_{]")
_SOURCE_FILE = re.compile(
    r"\s*(?:#!/|#include\b|<\?php|<!DOCTYPE|<html|package \w+;?\s*\n|"
    r"import [\w.({\"']|using \w+|from [\w.]+ import)"
)
_COMMENT = re.compile(r"^\s*(?:#|//|/\*|\*|--|%|\"\"\"|''')")
_PLAIN = re.compile(r"[\"'(«„“‘¿¡*\[-]*[^\W\d_]+(?:['’-][^\W\d_]+)*[\"')».,;:!?…”’*\]-]*")
_LONG_WORD = re.compile(r"(?<![^\s(\"'])[^\W\d_]{3,}(?![^\s,.!?:;\"')])")
_WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|[\u0300-\u036f\u064b-\u065f\u0900-\u0dff])*(?:['’][^\W\d_]+)?")


def prose_of(text: str) -> str:
    """The opening of a text without code, addresses, tags, names of variables and formulas."""
    head = text[:HEAD_CHARS]
    if "`" in head or "~" in head or "<" in head:
        head = _without_quotes(head)
    if "://" in head:
        head = _ADDRESS.sub(" ", head)
    signs = head.encode("utf-8", "surrogatepass").translate(_SIGNS)
    worded = _has_code_word(head)
    if worded or b"(" in signs:
        head = _without_code(head, signs, worded)
    noise = _noise(head, signs)
    if noise is not None:
        head = noise.sub(" ", head)
    return head.strip()[:MAX_CHARS]


def _without_quotes(head: str) -> str:
    """A text without its blocks of code and code within a line."""
    if "```" in head or "~~~" in head or "</" in head:
        head = _BLOCK.sub("\n", head)
    return _INLINE.sub(" ", head) if "`" in head else head


def _has_code_word(text: str) -> bool:
    return "//" in text or "--" in text or "SELECT" in text or "FROM" in text or "import " in text


def _noise(head: str, signs: bytes) -> re.Pattern[str] | None:
    """The pattern of the kinds of noise that a text may hold, by signs that each cannot do without."""
    mixed = b"0" in signs and (b"a0" in signs or b"0a" in signs or b"A0" in signs or b"0A" in signs)
    kinds = (
        "www." in head,
        "@" in head,
        "<" in head,
        "&" in head,
        mixed or "_" in head or "\\" in head,
        "()" in head,
        b"aA" in signs,
    )
    return _noise_of(kinds) if True in kinds else None


@functools.cache
def _noise_of(kinds: tuple[bool, ...]) -> re.Pattern[str]:
    wanted = (pattern for pattern, there in zip(_NOISE_KINDS, kinds, strict=True) if there)
    return re.compile("|".join(wanted), re.ASCII)


def _without_code(head: str, signs: bytes, worded: bool) -> str:
    """A text without its lines of code.

    Args:
        head: The text.
        signs: What its bytes are (see `_SIGNS`).
        worded: Whether a word of code stands in it.
    """
    lines = head.split("\n")
    is_code = [
        (b"(" in marks or (worded and _has_code_word(line))) and _is_code(line)
        for line, marks in zip(lines, signs.split(b"\n"), strict=True)
    ]
    if True not in is_code:
        return head
    is_code = [code for line, code in zip(lines, is_code, strict=True) if line.strip()]
    lines = [line for line in lines if line.strip()]
    n_code = sum(len(line) for line, code in zip(lines, is_code, strict=True) if code)
    is_file = _SOURCE_FILE.match(head) is not None
    opening = 0 if is_file else is_code.index(True)
    told = [(i, line) for i, line in enumerate(lines) if not is_code[i]]
    share = n_code / sum(map(len, lines))
    if share >= MOSTLY_CODE or is_file:
        told = [(i, s) for i, s in told if _is_sentence(s, PHRASE_WORDS if i < opening else SENTENCE_WORDS)]
    elif share >= PARTLY_CODE:
        told = [(i, s) for i, s in told if i < opening or not _COMMENT.match(s)]
    return "\n".join(line for _, line in told)


def _is_sentence(line: str, at_least: int) -> bool:
    """Whether a line beside lines of code is a sentence, and neither a comment nor a statement."""
    aside = _COMMENT.match(line) or _may_be_code(line)
    return not aside and _plain_words(line) >= at_least


def _is_code(line: str) -> bool:
    """Whether a line with a sign or word of code is code."""
    if not is_latin(line):
        return False
    if _CODE_LINE.match(line) or (_has_operator(line) and not _SENTENCE.match(line)):
        return True
    worded = len(list(islice(_LONG_WORD.finditer(line), PHRASE_WORDS))) == PHRASE_WORDS
    may_be = _may_be_code(line)
    if worded and not may_be:
        return False
    plain = _plain_words(line)
    return (may_be and plain < SENTENCE_WORDS) or (not worded and 2 * plain < len(line.split()))


def _has_operator(line: str) -> bool:
    """Whether an operator that stands in code alone is in a line."""
    if "=>" in line or "===" in line or "!==" in line or "<<" in line or "$(" in line:
        return True
    return "::" in line and _SCOPE.search(line) is not None


def _may_be_code(line: str) -> bool:
    """Whether a line of few words is a statement."""
    if line.rstrip().endswith((";", "{", "}")) or "&&" in line or "||" in line:
        return True
    if ("|" in line or "$" in line) and _SHELL.search(line):
        return True
    return _MAYBE_CODE.match(line) is not None


def _plain_words(line: str) -> int:
    """Words of a sentence in a line; letters of other scripts, which may have no spaces, count by twos."""
    if not is_latin(line):
        return sum(map(str.isalpha, line)) // 2
    return sum(_PLAIN.fullmatch(token) is not None for token in line.split())


def words_of(prose: str) -> list[str]:
    """The words of a prose in lower case; digits and underscores end a word."""
    return _WORD.findall(prose.lower())


def count_letters(prose: str) -> dict[str, int]:
    """Letters of each script (see `script_counts`); none where no language can be told.

    In scripts of several languages, and in Greek, a single word of capitals (an acronym) and fewer than four
    letters tell no language; letters that stand alone do not count.
    """
    counts = script_counts(prose)
    if SHARED_SCRIPTS.isdisjoint(counts):
        return counts
    n = sum(counts.values())
    if n < FEW_LETTERS:
        n -= sum(len(word) == 1 for word in _WORD.findall(prose))
    lone_capitals = prose.isupper() and counts.keys() == {"latin"} and len(_WORD.findall(prose)) < 2
    return {} if n < MIN_LETTERS or lone_capitals else counts
