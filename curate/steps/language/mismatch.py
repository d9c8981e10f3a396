"""Rows whose answer is in another language than the prompt, though nobody asked for that."""

from __future__ import annotations

from .asked import asks_for_another
from .detect import evidence
from .languages import UNKNOWN, WIDELY_WRITTEN, scripts_of
from .prose import prose_of
from .scripts import script_counts, script_of
from .second_opinion import agrees

MIN_LETTERS = 16
MIN_SCORE = 0.9
MIN_LETTERS_OF_SCRIPT = 12
"""Letters of each side and belief in each; fewer letters do where the scripts differ, which speak by
themselves (four Han characters). Source: measured, see docs/LOG.md."""

FEW = 3
MIN_PARAGRAPH = 10
MAX_PARAGRAPHS = 12
KIN = tuple(
    frozenset(codes.split())
    for codes in (
        "no da sv",
        "bs hr sr",
        "id ms jv su",
        "cs sk",
        "st tn nso",
        "es gl an ext ast",
        "pt gl",
        "ca oc",
        "hi ne mr sa gom",
        "mk bg",
        "fa ps ur ku ar ug",
        "tr az crh tk",
        "zu xh",
        "af nl",
        "en pcm",
        "it vec lij la",
        "fr wa ht gcf gcr",
        "de lb",
        "ru uk be bg sr mk",
        "zh ja",
        "bn as",
        "kk ky tt ba",
        "lv ltg",
        "fo is",
        "ga gd",
    )
)
"""Languages that are taken for one another too often to call a row wrong."""


def is_mismatch(prompt: str, answer: str, codes: tuple[str, str], *, context: str) -> bool:
    """Whether a row is answered in a language that its prompt neither holds nor asks for.

    Args:
        prompt: The last user turn.
        answer: The answer.
        codes: The languages of prompt and answer, both told with belief (see `worth_a_look`).
        context: All that stands before the answer, system prompt too.
    """
    asked, given = codes
    if asks_for_another(context, asked):
        return False
    if _holds(prompt, given) or _holds(answer, asked):
        return False
    texts = [prose_of(prompt), prose_of(answer)]
    scripts = [script_of(text) for text in texts]
    if scripts[0] != scripts[1]:
        return not (_has_letters(answer, scripts[0]) or _has_letters(prompt, scripts[1]))
    if texts[1] in prompt or not WIDELY_WRITTEN.issuperset(codes):
        return False
    if _is_names(texts[1]):
        return False
    return all(agrees(text, code) for text, code in zip(texts, codes, strict=True))


def worth_a_look(codes: tuple[str, str], scores: tuple[float, float], letters: tuple[int, int]) -> bool:
    """Whether both languages are known with belief, from enough letters, and are not akin."""
    if UNKNOWN in codes or codes[0] == codes[1] or min(scores) < MIN_SCORE:
        return False
    alike = scripts_of(codes[0]) & scripts_of(codes[1])
    enough = MIN_LETTERS if alike else MIN_LETTERS_OF_SCRIPT
    return min(letters) >= enough and not any(kin.issuperset(codes) for kin in KIN)


def _has_letters(text: str, script: str) -> bool:
    """Whether a text has letters of a script; Latin ones stand in every text and tell nothing."""
    counts = script_counts(text)
    n = counts.get("han", 0) + counts.get("kana", 0) if script == "cjk" else counts.get(script, 0)
    return script != "latin" and n >= FEW


def _is_names(text: str) -> bool:
    """Whether most words of a text have a capital, as titles and lists of names have."""
    words = text.split()
    return 2 * sum(word[:1].isupper() for word in (w.strip("\"'(«„“*-") for w in words)) > len(words)


def _holds(text: str, code: str) -> bool:
    """Whether a paragraph of a text is likelier in a language than in any other."""
    found = evidence([line for line in text.split("\n") if len(line) >= MIN_PARAGRAPH][:MAX_PARAGRAPHS])
    told = zip(found.best()[0], found.letters.tolist(), strict=True)
    return any(line == code and n >= MIN_PARAGRAPH for line, n in told)
