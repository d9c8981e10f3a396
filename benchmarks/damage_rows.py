"""Damages good rows in many ways, as negatives for the quality model; seeded, standard library alone."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

Pair = tuple[str, str]
"""Prompt and response."""

REFUSALS = (
    "I'm sorry, I can't help with that.",
    "Sorry, I am not able to do this.",
    "As an AI, I am unable to answer this question.",
    "I cannot provide an answer to this request, as it goes beyond what I can do.",
    "I'm just a language model, so I don't have opinions on that.",
    "Unfortunately, I can't complete this task right now.",
    "I must decline to answer.",
    "As an AI language model, I do not have access to that information.",
    "I don't feel comfortable answering that.",
    "I apologise, but I won't be able to assist you here.",
)
VAGUE = (
    "It depends.",
    "There are many ways to do that.",
    "Good question! It is an interesting topic.",
    "I am not sure, maybe you should look it up.",
    "Yes.",
    "Some people think so and some do not.",
    "You can find more about this online.",
    "Just try your best and see what happens.",
    "ok",
    "I don't know.",
)
PLACEHOLDERS = (
    "TBD", "[insert answer here]", "<your answer>", "xxx", "Answer:", "???", "-", "N/A", "none", "{answer}",
    "[ANSWER]", "lorem ipsum dolor sit amet", "to do", "null", "....", "Response:", "${response}",
)  # fmt: skip
TOKENS = (
    "<|end|>",
    "</s>",
    "<s>",
    "[/INST]",
    "<|assistant|>",
    "<eos>",
    "<pad><pad>",
    "<end_of_turn>",
    "<|eot_id|>",
)
TURNS = (
    "\n\n### Human: ",
    "\n\nUser: ",
    "\nQ: ",
    "\n\n### Instruction:\n",
    "\nHuman: ",
    "<|user|>\n",
    "\n\nQuestion: ",
)
LINKS = (
    "https://example.org/a/%d",
    "![picture](https://img.example.org/%d.png)",
    "See the link above.",
    "See figure %d.",
)
BARE = (
    "Summarize this article.", "Fix the grammar of the sentence below.", "Put this text into Spanish.",
    "What is the sentiment of the given review?", "Rewrite this paragraph in a formal tone.",
    "Answer the question from the passage above.", "Sort the items in the list provided.",
    "Classify the following tweet.", "Shorten the text below.", "Explain the given code.",
)  # fmt: skip


def sentences(text: str) -> list[str]:
    return [s for s in re.split(r"(?<=[.!?\n])\s+", text) if s.strip()]


def truncate(pair: Pair, g: random.Random, _pool: Sequence[Pair]) -> Pair:
    words = pair[1].split(" ")
    kept = " ".join(words[: max(2, int(len(words) * g.uniform(0.2, 0.8)))])
    return pair[0], re.sub(r"\W+$", "", kept[: -g.randint(1, 3)])


def other_answer(pair: Pair, g: random.Random, pool: Sequence[Pair]) -> Pair:
    return pair[0], g.choice(pool)[1]


def near_answer(pair: Pair, g: random.Random, pool: Sequence[Pair]) -> Pair:
    """The answer of a row of about the same length, so that length does not give it away."""
    drawn = [g.choice(pool) for _ in range(8)]
    return pair[0], min(drawn, key=lambda p: abs(len(p[1]) - len(pair[1])) if p[1] != pair[1] else 1e9)[1]


def repeat(pair: Pair, g: random.Random, _pool: Sequence[Pair]) -> Pair:
    parts = sentences(pair[1])
    chosen = g.choice(parts)[:150]
    joint = g.choice([" ", "\n"])
    return pair[0], joint.join([*parts[: g.randint(0, 3)], *[chosen] * g.randint(3, 12)])


def word_loop(pair: Pair, g: random.Random, _pool: Sequence[Pair]) -> Pair:
    words = pair[1].split()
    at = g.randrange(len(words))
    loop = words[at : at + g.randint(1, 4)] * g.randint(6, 30)
    return pair[0], " ".join([*words[:at], *loop])


def garble(pair: Pair, g: random.Random, _pool: Sequence[Pair]) -> Pair:
    letters = g.choice(["asdfghjkl ;qwertyuiop zxcvbnm ,.", "abcdefghijklmnopqrstuvwxyz    ", "jkl; fds a"])
    return pair[0], "".join(g.choice(letters) for _ in range(g.randint(20, 200)))


def typos(pair: Pair, g: random.Random, _pool: Sequence[Pair]) -> Pair:
    def bent(word: str) -> str:
        if len(word) < 3 or g.random() < 0.5:
            return word
        letters = list(word)
        g.shuffle(letters)
        return "".join(letters)

    return pair[0], " ".join(map(bent, pair[1].split(" ")))


def shuffled_words(pair: Pair, g: random.Random, _pool: Sequence[Pair]) -> Pair:
    words = pair[1].split()
    g.shuffle(words)
    return pair[0], " ".join(words)


def mojibake(pair: Pair, g: random.Random, _pool: Sequence[Pair]) -> Pair:
    text = pair[1].replace("'", "\u2019").replace(" - ", " \u2013 ")
    text = re.sub(
        g.choice("aeou"),
        lambda m: {"a": "\u00e0", "e": "\u00e9", "o": "\u00f6", "u": "\u00fc"}[m[0]],
        text,
        count=g.randint(2, 6),
    )
    code = g.choice(["cp1252", "latin-1"])
    return pair[0], text.encode("utf-8").decode(code, "replace")


def markup(pair: Pair, g: random.Random, _pool: Sequence[Pair]) -> Pair:
    kind = g.randrange(3)
    if kind == 0:
        return pair[0], "<p>" + pair[1].replace("\n", "</p>\n<p>") + "</p><br/><a href='x'>More</a>"
    if kind == 1:
        return pair[0], "<div><span>" + pair[1] + "</span></div>&nbsp;&nbsp;"
    return pair[0], pair[1].replace(" ", "&nbsp;", 5).replace("'", "&#39;").replace('"', "&quot;") + "<br>"


def echo(pair: Pair, g: random.Random, _pool: Sequence[Pair]) -> Pair:
    return pair[0], g.choice([pair[0], f"{pair[0]}\n{pair[0]}", f"{pair[0]}?", pair[0].lower()])


def next_turn(pair: Pair, g: random.Random, pool: Sequence[Pair]) -> Pair:
    more = g.choice(pool)
    return pair[0], pair[1] + g.choice(TURNS) + more[0] + g.choice(
        ["", "\n\n### Assistant: " + more[1][:200]]
    )


def chat_token(pair: Pair, g: random.Random, _pool: Sequence[Pair]) -> Pair:
    token = g.choice(TOKENS)
    return pair[0], g.choice([f"{pair[1]}{token}", f"{token}{pair[1]}", f"{pair[1]}\n{token}"])


def no_material(pair: Pair, g: random.Random, _pool: Sequence[Pair]) -> Pair:
    return g.choice(BARE), pair[1]


def half_dropped(pair: Pair, g: random.Random, _pool: Sequence[Pair]) -> Pair:
    parts = sentences(pair[1])
    kept = max(1, int(len(parts) * g.uniform(0.2, 0.6)))
    return pair[0], "\n".join(parts[:kept])


def padded(pair: Pair, g: random.Random, pool: Sequence[Pair]) -> Pair:
    """The answer with a stretch of another row's answer behind it."""
    return pair[0], f"{pair[1]} {' '.join(sentences(g.choice(pool)[1])[:4])}"


def one_of(texts: Sequence[str]) -> Callable[[Pair, random.Random, Sequence[Pair]], Pair]:
    def damage(pair: Pair, g: random.Random, _pool: Sequence[Pair]) -> Pair:
        text = g.choice(texts)
        return pair[0], text % g.randrange(10**6) if "%d" in text else text

    return damage


DAMAGES: dict[str, Callable[[Pair, random.Random, Sequence[Pair]], Pair]] = {
    "truncate": truncate,
    "other_answer": other_answer,
    "near_answer": near_answer,
    "repeat": repeat,
    "word_loop": word_loop,
    "garble": garble,
    "typos": typos,
    "shuffled_words": shuffled_words,
    "mojibake": mojibake,
    "markup": markup,
    "echo": echo,
    "next_turn": next_turn,
    "chat_token": chat_token,
    "no_material": no_material,
    "half_dropped": half_dropped,
    "padded": padded,
    "refusal": one_of(REFUSALS),
    "vague": one_of(VAGUE),
    "placeholder": one_of(PLACEHOLDERS),
    "link": one_of(LINKS),
    "empty": one_of(("", " ", "\n")),
}


def damaged(pairs: Sequence[Pair], seed: int, each: int = 3) -> list[tuple[int, str, Pair]]:
    """For every pair the position, the kind and the damaged row of `each` kinds that change it."""
    g = random.Random(seed)
    found: list[tuple[int, str, Pair]] = []
    for at, pair in enumerate(pairs):
        for kind in g.sample(sorted(DAMAGES), each):
            if len(pair[1].split()) < 8 and kind in (
                "truncate",
                "half_dropped",
                "shuffled_words",
                "repeat",
                "typos",
            ):
                continue
            worse = DAMAGES[kind](pair, g, pairs)
            if worse != pair:
                found.append((at, kind, worse))
    return found
