"""Which rows hold a protected item: hand-worked rows of each kind, properties, and brute force for coverage."""

import json
from collections import Counter, defaultdict
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tuneset.curate import curate, explain
from tuneset.curate.encoders import encoder_for
from tuneset.curate.leaks.compare import best_stretch
from tuneset.curate.leaks.finder import Finder
from tuneset.curate.leaks.index import MAX_ITEMS_A_PAIR, ProbeIndex
from tuneset.curate.leaks.paraphrase import proposer
from tuneset.curate.leaks.probes import Item, Probe, stems
from tuneset.curate.leaks.slips import is_slip
from tuneset.curate.leaks.words import words
from tuneset.curate.readers.shapes import Draft
from tuneset.curate.readers.table import name_draft, rows_batch
from tuneset.curate.steps import Decontaminate
from tuneset.curate.testing import check_step, sample_batch
from tuneset.schemas.arrow import ROWS

QUESTION = (
    "Marta packs 14 boxes of apples every morning. Each box holds 25 apples, and her brother Jon brings 3 more"
    " boxes in the afternoon. How many apples are there in the evening?"
)
ANSWER = (
    "Marta and Jon have 14 + 3 = 17 boxes, and 17 boxes of 25 apples each are 17 * 25 = 425 apples. #### 425"
)
ITEMS = [
    {"question": QUESTION, "answer": ANSWER},
    {"question": "Who wrote the novel Dune?", "answer": "Frank Herbert"},
    {
        "question": "Which metal is liquid at room temperature?",
        "choices": ["Iron", "Mercury", "Zinc"],
        "answer": 1,
    },
    {"question": "What is 7 + 5?", "answer": "12"},
    {"question": "Convert 30 degrees from Celsius to Fahrenheit and show the steps.", "answer": "86"},
    {
        "question": "Which of the following laws says that pressure and volume of a gas are inversely related?",
        "choices": ["Boyle's law", "Charles's law", "Hooke's law"],
        "answer": "A",
    },
    {
        "question": "When was the tower finished?",
        "context": "The lighthouse on the northern cape was begun in 1871 by a young engineer from Bergen, and it was"
        " finished after nine hard winters, when the last lamp was carried up its two hundred steps.",
        "answer": "after nine winters",
    },
]


@pytest.fixture(scope="module")
def step(tmp_path_factory):
    path = tmp_path_factory.mktemp("against") / "bench.jsonl"
    path.write_text("".join(json.dumps(i) + "\n" for i in ITEMS), encoding="utf-8")
    return Decontaminate([path])


def batch(*pairs):
    drafts = []
    for i, pair in enumerate(pairs, start=1):
        turns = [{"role": ("user", "assistant")[n % 2], "content": t} for n, t in enumerate(pair)]
        drafts.append(name_draft(Draft(turns, None, None, None, {}), f"f:{i}", "f", i))
    return pa.Table.from_batches([rows_batch(drafts)], ROWS)


def say(step, *pairs):
    return step.decide(step.measure(batch(*pairs))).to_pylist()


OTHERS = "Q: Name a river in Peru.\nA: Amazon\n\nQ: Spell cat backwards.\nA: tac"
FILLER = "The harbour was quiet and the boats lay side by side in the fog. " * 20
RENAMED = QUESTION.replace("Marta", "Olga").replace("Jon", "Bram")
REORDERED = (
    "Each box holds 25 apples, and her brother Jon brings 3 more boxes in the afternoon. Marta packs 14 boxes of"
    " apples every morning. How many apples are there in the evening?"
)
SWAPPED = QUESTION.replace("How many", "What number of").replace("every", "each").replace("brings", "carries")
CYRILLIC = QUESTION.replace("a", "\u0430").replace("e", "\u0435").replace("o", "\u043e")
BOYLE = "Which of the following laws says that pressure and volume of a gas are inversely related?"


@pytest.mark.parametrize(
    ("prompt", "response"),
    [
        (QUESTION, ANSWER),
        (QUESTION, "I do not know."),
        (QUESTION.upper().replace(" ", "  ").replace(".", "").replace(",", ""), ANSWER),
        (f"You are a tutor. Solve this.\n\nTask: {QUESTION}\n\nEnd with a number.", ANSWER),
        ("Write a word problem with its solution.", f"{QUESTION}\n\n{ANSWER}"),
        (FILLER + QUESTION + " " + FILLER, "Noted."),
        (
            QUESTION.replace("morning", "mornign")
            .replace("brother", "broter")
            .replace("evening", "evenning"),
            ANSWER,
        ),
        (SWAPPED, ANSWER),
        (RENAMED, ANSWER),
        (REORDERED, ANSWER),
        ("\n".join(f"- **{s}.**" for s in QUESTION.rstrip("?").split(". ")), ANSWER),
        ("\u200b".join(QUESTION), ANSWER),
        (CYRILLIC, ANSWER),
        (QUESTION.replace("14", "fourteen").replace("3", "three"), ANSWER),
        (json.dumps({"id": 1, "question": QUESTION, "answer": ANSWER}), "Read."),
        ("Store it.", json.dumps({"row": json.dumps({"q": QUESTION.replace(". ", '."\n')})})),
        (f"{OTHERS}\n\nQ: {QUESTION}\nA: {ANSWER}\n\n{OTHERS}", "Noted."),
    ],
)
def test_the_item_is_found_however_it_is_wrapped(step, prompt, response):
    (verdict,) = say(step, (prompt, response))
    assert (verdict["action"], verdict["reason"]) == ("drop", "leak")
    partner = json.loads(verdict["detail"])["partner"]
    assert (partner["file"], partner["row"]) == ("bench.jsonl", 1)
    assert (partner["prompt"], partner["response"]) == (QUESTION, ANSWER)
    assert verdict["related_id"].endswith(":1")
    assert 0.6 < verdict["score"] <= 1


@pytest.mark.parametrize(
    ("prompt", "response", "part", "place"),
    [
        (QUESTION[: len(QUESTION) // 2], "Please give me the rest.", "prompt", "prompt"),
        (QUESTION[len(QUESTION) // 2 - 4 :], "Please give me the rest.", "prompt", "prompt"),
        ("Check this working:", ANSWER, "response", "response"),
        (f"Is this right? {ANSWER}", "Yes.", "response", "prompt"),
    ],
)
def test_a_piece_goes_to_review(step, prompt, response, part, place):
    (verdict,) = say(step, (prompt, response))
    assert (verdict["action"], verdict["reason"]) == ("review", "partial_leak")
    detail = json.loads(verdict["detail"])
    assert (detail["part"], detail["found_in"]) == (part, place)
    assert detail["partner"]["row"] == 1


@pytest.mark.parametrize(
    "prompt",
    [
        QUESTION.replace("14", "16").replace("25", "30").replace("3 more", "5 more"),
        QUESTION.replace("25", "26"),
        RENAMED.replace("14", "15").replace("25", "20"),
        f"{OTHERS}\n\nQ: {QUESTION.replace('25', '40')}",
        "Marta packs her bag every morning and her brother Jon takes the bus in the afternoon. Who is first?",
        "Who wrote the novel Emma?",
        "Who wrote the novel that Dune was compared with most often?",
        "Which metal is solid at room temperature?",
        "What is 7 - 5?",
        "What is 8 + 5?",
        "Convert 30 degrees from Fahrenheit to Celsius and show the steps.",
        "Convert 35 degrees from Celsius to Fahrenheit and show the steps.",
        "Which of the following laws says that the current and the voltage of a wire are proportional?",
        "When was the tower of Pisa finished?",
    ],
)
def test_the_same_template_is_another_task(step, prompt):
    (verdict,) = say(step, (prompt, "Let me think about it."))
    assert verdict["action"] == "keep", verdict


@pytest.mark.parametrize(
    ("prompt", "response", "row"),
    [
        ("Who wrote the novel Dune?", "Frank Herbert", 2),
        ("who wrote the novel dune", "A man.", 2),
        (f"{OTHERS}\nQ: Who wrote the novel Dune?\nA: Frank Herbert", "Noted.", 2),
        ("Tell me, who wrote the novel Dune?", "It was Frank Herbert.", 2),
        ('{"q": "Who wrote the novel Dune?"}', "Noted.", 2),
        ("What is 7 + 5?", "12", 4),
        ("What is 7+5?", "12", 4),
        ("Which metal is liquid at room temperature?\nA. Zinc\nB. Iron\nC. Mercury", "C", 3),
        (f"{BOYLE}\n(a) Hooke's law\n(b) Boyle's law\n(c) Charles's law", "b", 6),
        (BOYLE, "Boyle's", 6),
    ],
)
def test_short_items_and_choices(step, prompt, response, row):
    (verdict,) = say(step, (prompt, response))
    assert verdict["action"] == "drop", verdict
    assert json.loads(verdict["detail"])["partner"]["row"] == row


def test_another_question_about_the_same_passage_is_a_piece(step):
    passage = ITEMS[6]["context"]
    (verdict,) = say(
        step, (f"{passage}\n\nFrom which Norwegian harbour town did its designer come?", "Bergen")
    )
    assert verdict["action"] == "review"


def test_a_question_with_other_options_is_a_piece(step):
    (verdict,) = say(step, (f"{BOYLE}\nA. Ohm's law\nB. Kirchhoff's law\nC. Faraday's law", "A"))
    assert verdict["action"] == "review"


def test_later_turns_and_answers_that_lost_are_read(step):
    assert say(step, ("Hello.", "Hi.", QUESTION, "425"))[0]["action"] == "drop"
    draft = Draft(
        [{"role": "user", "content": "Make a task."}, {"role": "assistant", "content": "No."}],
        None,
        [{"role": "assistant", "content": QUESTION}],
        None,
        {},
    )
    table = pa.Table.from_batches([rows_batch([name_draft(draft, "f:1", "f", 1)])], ROWS)
    (verdict,) = step.decide(step.measure(table)).to_pylist()
    assert json.loads(verdict["detail"])["found_in"] == "rejected"


def test_the_contract_holds(step):
    check_step(step)
    check_step(step, batch((QUESTION, ANSWER), ("Hi", "Hello."), (QUESTION[:90], "Go on.")))
    check_step(Decontaminate())
    empty = step.measure(sample_batch().slice(0, 0))
    assert step.decide(empty).num_rows == 0


@pytest.mark.parametrize(
    ("prompt", "response", "action", "row"),
    [
        ("Who wrtoe the novel Dune?", "Frank Herbert", "drop", 2),
        ("Who wrtoe the novel Dune?", "A man.", "review", 2),
        ("Who wrote novel Dune?", "A man.", "review", 2),
        ("Which metal is liquid at room temperature?", "Lead", "drop", 3),
        ("Dune is a novel that a man wrote.", "Who?", "keep", None),
    ],
)
def test_short_items_with_slips(step, prompt, response, action, row):
    (verdict,) = say(step, (prompt, response))
    assert verdict["action"] == action, verdict
    assert row is None or json.loads(verdict["detail"])["partner"]["row"] == row


def test_a_paraphrase_that_an_embedding_proposes_needs_the_numbers():
    items = [Item("b:1", "b", 1, QUESTION, ANSWER)]
    finder = Finder(items, lambda prompts: [(0, 0.9)] * len(prompts))
    same = "Fourteen crates of fruit with 25 pieces each leave Marta's yard before noon, then another 3. Sum?"
    found = finder.find(batch((same, "425"), (same.replace("25", "30"), "510"), (QUESTION, "425")))
    assert [None if f is None else (f.extent, f.method) for f in found] == [
        ("piece", "embedding"),
        None,
        ("whole", "exact"),
    ]


def test_the_shipped_encoder_proposes_a_question_in_other_words():
    asked = "Write a simple function to convert temperatures from Celsius to Fahrenheit."
    propose = proposer(["Who wrote it?", asked], encoder_for("static"))
    same = "How would you write a function that converts a temperature from Celsius to Fahrenheit?"
    told = propose([same, same.replace("would", "would not"), "Describe a garden in winter.", asked])
    assert [None if t is None else t[0] for t in told] == [1, None, None, 1]
    assert proposer([], encoder_for("static"))([asked]) == [None]


def test_a_step_without_protected_rows_keeps_all():
    assert {v["action"] for v in say(Decontaminate(), (QUESTION, ANSWER))} == {"keep"}


def test_a_phrase_that_many_rows_share_is_none(step):
    row = (
        "He asked again and again: who wrote the novel Dune? Nobody in the whole room said a word.",
        "Go on.",
    )
    assert [v["action"] for v in say(step, *[row] * 5)] == ["review"] * 5
    assert [v["action"] for v in say(step, *[row] * 6)] == ["keep"] * 6


def test_a_partner_outside_the_run_is_shown_side_by_side(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bench.jsonl").write_text(json.dumps(ITEMS[0]) + "\n", encoding="utf-8")
    recipe = {"steps": [{"use": "decontaminate", "against": ["bench.jsonl"]}]}
    rows = [{"prompt": RENAMED, "completion": ANSWER}, {"prompt": "Hi", "completion": "Hello."}]
    curate(rows, out=tmp_path / "o", recipe=recipe)
    told = explain(tmp_path / "o", "rows:1")
    (verdict,) = told.data["verdicts"]
    assert verdict["related"]["source"] == {"file": "bench.jsonl", "row": 1}
    assert [m["content"] for m in verdict["related"]["messages"]] == [QUESTION, ANSWER]
    assert "partner" not in json.loads(verdict["detail"])
    assert "partner: bench.jsonl, row 1" in told.text()
    assert "Olga packs 14 boxes" in told.text()
    assert "| Marta packs 14 boxes" in told.text()
    page = (tmp_path / "o" / "report.html").read_text(encoding="utf-8")
    assert "prompt of the partner" in page
    assert "bench.jsonl, row 1" in page


# Properties


WORDS = st.lists(
    st.sampled_from("river stone 7 lamp green 21 the of walks under seven glass".split()), max_size=40
)


@given(before=WORDS, after=WORDS, place=st.sampled_from(["prompt", "response"]))
def test_an_item_planted_anywhere_is_found(step, before, after, place):
    text = " ".join([*before, QUESTION, *after])
    pair = (text, "Fine.") if place == "prompt" else ("Say it.", text)
    (verdict,) = say(step, pair)
    assert verdict["action"] == "drop"


@given(before=st.text(max_size=60), after=st.text(max_size=60))
def test_an_item_between_any_other_lines_is_found(step, before, after):
    (verdict,) = say(step, (f"{before}\n{QUESTION}\n{after}", "Fine."))
    assert verdict["action"] == "drop"


@given(shifts=st.lists(st.integers(0, 40), min_size=3, max_size=3).filter(any))
def test_changed_numbers_are_never_dropped(step, shifts):
    text = QUESTION
    for number, shift in zip(("14", "25", "3 more"), shifts, strict=True):
        amount, *rest = number.split()
        text = text.replace(number, " ".join([str(int(amount) + 100 * (shift > 0) + shift), *rest]))
    (verdict,) = say(step, (text, "Let me think."))
    assert verdict["action"] == "keep"


TOKENS = st.lists(st.sampled_from("abcdefg"), min_size=1, max_size=9)


@given(
    items=st.lists(TOKENS, min_size=1, max_size=8), text=st.lists(st.sampled_from("abcdefghij"), max_size=25)
)
def test_coverage_is_what_brute_force_says(items, text):
    probes = [Probe(i, "prompt", " ".join(t), tuple(t), True, ()) for i, t in enumerate(items)]
    index = ProbeIndex(probes)
    found = index.candidates([index.encode(text)], min_coverage=0.0)
    told = dict(zip(found.probes.tolist(), found.coverage.tolist(), strict=True))

    def pairs(t):
        return {(t[0],)} if len(t) == 1 else set(pairwise(t))

    holders = defaultdict(set)
    for i, t in enumerate(items):
        for pair in pairs(t):
            holders[pair].add(i)
    there = set(pairwise(text)) | {(w,) for w in text}
    for i, t in enumerate(items):
        worth = {p: 1 / len(holders[p]) for p in pairs(t)}
        share = sum(w for p, w in worth.items() if p in there) / sum(worth.values())
        assert told.get(i, 0.0) == pytest.approx(share)


def test_what_many_items_share_says_nothing():
    n = MAX_ITEMS_A_PAIR + 1
    probes = [Probe(i, "prompt", "", ("solve", "this", f"w{i}"), True, ()) for i in range(n)]
    index = ProbeIndex(probes)
    assert len(index.candidates([index.encode(("solve", "this", "now"))]).probes) == 0
    only = index.candidates([index.encode(("this", "w3"))])
    assert (only.probes.tolist(), only.coverage.tolist()) == ([3], [1.0])


@given(st.lists(st.integers(-4, 4), min_size=1, max_size=12))
def test_the_best_stretch_is_what_brute_force_says(gains):
    start, stop = best_stretch(np.array(gains, float))
    sums = [sum(gains[i:j]) for i in range(len(gains) + 1) for j in range(i, len(gains) + 1)]
    assert sum(gains[start:stop]) == max(sums)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("The  CAT\u200b sat.", "the cat sat"),
        ("It cost $80,000.", "it cost 80000"),
        ("It took 2.5 h", "it took 25 h"),
        ("three cats", "3 cats"),
        ("caf\u00e9", "cafe"),
        (r"caf\u00e9\nand \"tea\"", "cafe and tea"),
        (r"caf\\u00e9\\nand", "cafe and"),
        (r"$\times \nabla \theta \right$", "times nabla theta right"),
        ("&quot;Tom &amp; I&quot;", "tom i"),
        ("**bold** _it_", "bold it"),
        ("farmers' and farmer's", "farmers and farmers"),
        ("\u0441\u0430t s\u0430w the \u0430", "cat saw the a"),
        ("\uff21\uff22", "ab"),
        ("\u6cd5\u56fd", "\u6cd5 \u56fd"),
        ("\u0434\u043e\u043c \u0438 \u0441\u0430\u0434", "\u0434\u043e\u043c \u0438 \u0441\u0430\u0434"),
    ],
)
def test_words(text, same):
    assert words(text) == same.split()


@pytest.mark.parametrize(
    ("word", "other", "slip"),
    [
        ("morning", "mornign", True),
        ("apples", "apple", True),
        ("colour", "color", True),
        ("brother", "broter", True),
        ("increase", "decrease", False),
        ("cat", "car", False),
        ("france", "spain", False),
        ("1000", "1001", False),
        ("likely", "unlikely", False),
    ],
)
def test_slips(word, other, slip):
    assert is_slip(word, other) is slip


def test_the_questions_within_a_prompt():
    assert stems("Which one?\nA. this\nB. that one") == [("Which one?\n", ["this", "that one"])]
    assert stems("A passage.\n\nWhat is it?") == [("What is it?", [])]
    assert stems("One block? Yes.") == []


def test_a_template_of_many_rows_goes_to_review(step):
    edited = QUESTION.replace("evening", "night").replace("every", "each")
    found = Counter(
        v["action"] for v in say(step, *[(f"{n}. {edited}", "Fine.") for n in "abcdefghijklmnopqrstu"])
    )
    assert found == {"review": 21}
    assert say(step, (edited, "Fine."))[0]["action"] == "drop"
