"""Write curate/steps/language/function_words.txt from spaCy's lists of stop words (MIT licence).

    python -m pip install --no-deps --target /tmp/spacy spacy
    python benchmarks/make_function_words.py /tmp/spacy/spacy/lang

The lists are read as text: nothing of spaCy runs.
"""

from __future__ import annotations

import argparse
import ast
import re
from pathlib import Path

OUT = Path(__file__).resolve().parent.parent / "curate" / "steps" / "language" / "function_words.txt"
LANGUAGES = (
    "af ar az bg ca cs da de en es et eu fa fi fr ga hi hr hu id is it la lb lt lv mk mr nb ne nl pl pt ro ru"
    " sk sl sq sr sv tl tr tt uk ur vi yo"
).split()
WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|[\u0300-\u036f\u064b-\u065f\u0900-\u0dff])*(?:['’][^\W\d_]+)?")
HEADER = """\
# Function words of several languages, in lower case. Written by benchmarks/make_function_words.py.
# Source: spaCy, Copyright 2016-2024 ExplosionAI GmbH, 2016 spaCy GmbH, 2015 Matthew Honnibal; MIT licence:
# permission is granted, free of charge, to any person obtaining a copy of this software and associated
# documentation files, to deal in the software without restriction, provided that this notice is included.
"""


def words_in(path: Path) -> set[str]:
    """Every word in the text constants of a Python file, its docstrings and comments apart."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    texts = [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
    return {
        word for text in texts if "http" not in text for word in text.lower().split() if WORD.fullmatch(word)
    }


def main() -> None:
    """Write the file."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path, help="spaCy's folder `lang`")
    folder = parser.parse_args().folder
    lines = []
    for code in LANGUAGES:
        words = sorted(words_in(folder / code / "stop_words.py"))
        lines.append(f"{'no' if code == 'nb' else code}: {' '.join(words)}")
    OUT.write_text(HEADER + "\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
