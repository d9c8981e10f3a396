"""The words of a text: its opening without code, addresses, tags and formulas."""

from __future__ import annotations

import re

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
CODE_WORDS = ("//", "--", "SELECT", "FROM", "import ")
SHARED_SCRIPTS = frozenset({"latin", "greek", *SCRIPTS})
"""Scripts whose letters few of tell nothing: of several languages, and of formulas."""

_BLOCK = re.compile(r"```.*?(?:```|$)|~~~.*?(?:~~~|$)|<(script|style|code|pre)\b.*?(?:</\1>|$)", re.DOTALL)
_INLINE = re.compile(r"`[^`\n]{1,200}`")
_ADDRESS = re.compile(r"[A-Za-z]+://[!-~]+")
_NOISE = re.compile(
    r"www\.[!-~]+|(?<![\w.+-])[\w.+-]+@[\w-]+\.[!-~]+|<[^>\n]{1,80}>|<\|\w+\|>|&\w{2,6};|"
    r"(?<![!-~])[!-~]*(?:\w_\w|\\\w|[A-Za-z]\d|\d[A-Za-z])[!-~]*|(?<![\w.])[\w.]+\(\)|\b[a-z]+[A-Z]\w*",
    re.ASCII,
)
_NOISE_MARKS = re.compile(r"[<@&_\\]")
_DIGIT = re.compile(r"[0-9]")
_MIXED = re.compile(r"[A-Za-z][0-9]|[0-9][A-Za-z]")
_CAMEL = re.compile(r"[a-z][A-Z]")
_CODE_SIGN = re.compile(r"[{}();=#$\[\]|\\<>+*^]")
_CODE_MARKS = re.compile(r"[{}();=#$\[\]|\\<>+*^]|//|--|SELECT|FROM|import ")
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
_CODE_INSIDE = re.compile(r"=>|===|!==|<<|\w::\w|\$\(")
_SENTENCE = re.compile(r"\W*(?:[^\W\d_]+(?:['’][^\W\d_]+)?[+#]*,? ){4}")
_MAYBE_CODE = re.compile(
    r"^\s*(?:(?:SELECT|FROM|WHERE|ORDER BY|GROUP BY|HAVING|LIMIT|INSERT INTO|VALUES|UPDATE|DELETE|"
    r"CREATE TABLE|(?:INNER |LEFT |RIGHT )?JOIN|SET|ON)\b|return\b|using \w|"
    r"(?:if|elif|else|for|while|try|except|with|finally)\b[^.?!]*:\s*$|"
    r"(?:else|fi|done|esac|end|then|do|begin|endif|try|pass|break|continue);?\s*$|(?:echo|print)\b|//)|"
    r"[;{}]\s*$|&&|\|\||\| ?\w+ -|\$[A-Za-z_{]"
)
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
    if "```" in head or "~~~" in head or "</" in head:
        head = _BLOCK.sub("\n", head)
    if "`" in head:
        head = _INLINE.sub(" ", head)
    if "://" in head:
        head = _ADDRESS.sub(" ", head)
    if _CODE_SIGN.search(head) or any(mark in head for mark in CODE_WORDS):
        head = _without_code(head)
    if _has_noise(head):
        head = _NOISE.sub(" ", head)
    return head.strip()[:MAX_CHARS]


def _has_noise(head: str) -> bool:
    """Whether the pattern of noise may find something; cheap signs first."""
    if _NOISE_MARKS.search(head) or "www." in head or "()" in head:
        return True
    if _DIGIT.search(head) and _MIXED.search(head):
        return True
    return _CAMEL.search(head) is not None


def _without_code(head: str) -> str:
    lines = [line for line in head.split("\n") if line.strip()]
    is_code = [_is_code(line) for line in lines]
    n_code = sum(len(line) for line, code in zip(lines, is_code, strict=True) if code)
    if not n_code:
        return head
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
    aside = _COMMENT.match(line) or _MAYBE_CODE.search(line)
    return not aside and _plain_words(line) >= at_least


def _is_code(line: str) -> bool:
    if not _CODE_MARKS.search(line) or not is_latin(line):
        return False
    if _CODE_LINE.search(line) or (_CODE_INSIDE.search(line) and not _SENTENCE.match(line)):
        return True
    plain = _plain_words(line)
    if plain < SENTENCE_WORDS and _MAYBE_CODE.search(line):
        return True
    return 2 * plain < len(line.split()) and len(_LONG_WORD.findall(line)) < PHRASE_WORDS


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
    if not counts.keys() & SHARED_SCRIPTS:
        return counts
    n = sum(counts.values())
    if n < FEW_LETTERS:
        n -= sum(len(word) == 1 for word in _WORD.findall(prose))
    lone_capitals = counts.keys() == {"latin"} and prose.isupper() and len(_WORD.findall(prose)) < 2
    return {} if n < MIN_LETTERS or lone_capitals else counts
