"""Write curate/steps/language/names.txt: what 40 languages are called in 40 languages, from Unicode CLDR.

    python -m pip install babel
    python benchmarks/make_language_names.py

Endings are cut, so that cases match: "französisch" finds "ins Französische", "английск" finds "английского".
"""

from __future__ import annotations

from pathlib import Path

OUT = Path(__file__).resolve().parent.parent / "curate" / "steps" / "language" / "names.txt"
LANGUAGES = (
    "af ar bg bn ca cs da de el en es et eu fa fi fr ga gl he hi hr hu id is it ja ko la lt lv mk mr ms nl"
    " no pl pt ro ru sk sl sq sr sv sw ta te th tl tr uk ur vi zh"
).split()
HEADER = """\
# Names of languages in several languages, in lower case, cut to what cases have in common.
# Source: Unicode CLDR, Copyright 1991-2025 Unicode, Inc.; Unicode License v3 (unicode.org/license.txt).
# Written by benchmarks/make_language_names.py. One line for each language that the names are in.
"""
MIN_LETTERS = 4
MIN_SYLLABLES = 2


def stem(name: str) -> str:
    """A name without parentheses, the word "language" and a vowel or case ending."""
    name = name.lower().split("(")[0].strip()
    for word in ("tiếng ", "bahasa ", "język "):
        name = name.removeprefix(word)
    if name.isascii() or any("a" <= c <= "ž" or "\u0400" <= c < "\u0500" for c in name):
        for ending in ("ский", "ська", "ский", "ски", "cki", "ski", "ština", "čina", "ščina"):
            if name.endswith(ending) and len(name) > len(ending) + 2:
                return name[: -len(ending) + 1]
        return name[:-1] if len(name) > 5 and name[-1] in "aeiouyiåäöëéийа" else name
    return name


def main() -> None:
    """Write the file."""
    from babel import Locale

    lines = []
    for own in LANGUAGES:
        names = Locale.parse(own).languages
        stems = sorted({stem(names[code]) for code in LANGUAGES if code in names})
        told = [s for s in stems if len(s) >= (MIN_SYLLABLES if s[0] > "\u0e00" else MIN_LETTERS)]
        lines.append(f"{own}: {', '.join(told)}")
    OUT.write_text(HEADER + "\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
