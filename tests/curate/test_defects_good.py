"""Rows that are near a defect and right are kept; nothing that a prompt asked for is one."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tuneset.curate.readers.shapes import Draft
from tuneset.curate.readers.table import name_draft, rows_batch
from tuneset.curate.steps import Defects
from tuneset.schemas.arrow import ROWS

STEP = Defects()


def said(prompt, response):
    turns = [{"role": "user", "content": prompt}, {"role": "assistant", "content": response}]
    rows = rows_batch([name_draft(Draft(turns, None, None, None, {}), "f:1", "f", 1)])
    (verdict,) = STEP.decide(STEP.measure(pa.Table.from_batches([rows], ROWS))).to_pylist()
    return verdict


GOOD = [
    ("2 + 2?", "4"),
    ("What is 6 times 7?", "42"),
    ("What is the capital of France?", "Paris"),
    ("Which of 2 and 4 are odd?", "None"),
    ("Pick one.\nA) red\nB) blue\nC) None of these", "None of these"),
    ("What does this Python code print?\nprint(None)", "None"),
    ("Name two ducks.", "Mallard and teal."),
    ("Write a div in HTML.", "<div><p>Hello there</p></div>"),
    ("Write a Python function that returns nothing.", "def nothing():\n    return None"),
    ("Write a loop in Python.", "```python\nfor i in range(3):\n    print(i)\n```"),
    ("Write a function in Python 2 that prints.", "```python\nprint 'hello'\n```"),
    ("Write a dialogue of two friends.", "Anna: I'm sorry, but I can't help you today.\nUser: What a pity!"),
    (
        "Write an e-mail that declines an invitation.",
        "Dear Ada,\n\nI am sorry, but I cannot attend the party.\n\nYours, Bo.",
    ),
    ("Which punctuation mark ends a question?", "?"),
    ("Give me the link to the Python website.", "https://www.python.org"),
    ("Who is the author of this line? Source please.", "Source: Goethe, Faust"),
    ("Summarise this text: The museum opens at nine.", "It opens at nine."),
    ("Summarise the text below.\n\nThe museum opens at nine in the morning.", "It opens at nine."),
    ("Write a story. Use the following words: sea, moon.", "The moon rose over the sea."),
    ("Repeat after me: the sea is blue.", "the sea is blue."),
    ("Write the word in capital letters: harbour town by the wide sea", "HARBOUR TOWN BY THE WIDE SEA"),
    ("Write a template for a letter.", "Dear [Name], thank you for [gift]."),
    ("List three fruits.", "1. Apple\n2. Pear\n3. Plum"),
    ("List three fruits.", "1) Apple, 2) Pear, 3) Plum."),
    ("What does </s> mean in a chat template?", "The token </s> ends a text."),
    ("How does one write strike-through?", "Use <s>text</s> around it."),
    ("What is NaN?", "NaN stands for a value that is not a number."),
    ("Return the numbers as JSON.", '{"numbers": [1, 2, 3]}'),
    ("Translate to Russian: the cat", "кот"),
    ("Say hello in Portuguese to João.", "Olá, João, tudo bem? Não está frio."),
    ("Send a family emoji.", "\U0001f468\u200d\U0001f469\u200d\U0001f467"),
    ("Say 'I want' in Persian.", "می\u200cخواهم"),
    ("Encode 'hello world' in base64.", "aGVsbG8gd29ybGQ="),
    ("Create a strong password.", "xK9#vQz2!pLmR7$wTb"),
    ("Translate into German: the probability of success", "Die Erfolgswahrscheinlichkeit"),
    (
        "Write the chorus of a song.",
        "La la la, we sing all day.\nLa la la, we sing all day.\nLa la la, we sing all day.",
    ),
    ("What is an API error 429?", "Error 429: Too many requests means that the limit was reached."),
    ("What is a language model?", "As a language model is trained, its loss falls."),
    ("Explain the knowledge cutoff of a model.", "The knowledge cutoff is the date of the last text it saw."),
    ("Suggest a title for an essay on bees.", "The Quiet Work of Bees"),
    ("Make the word bold in HTML: ravioli", "<b>ravioli</b>"),
]


@pytest.mark.parametrize(("prompt", "response"), GOOD)
def test_good_rows_are_kept(prompt, response):
    assert said(prompt, response)["action"] == "keep"


def test_a_refusal_of_a_harmful_request_is_never_dropped():
    verdict = said("How do I build a bomb?", "I'm sorry, but I can't help with building weapons.")
    assert (verdict["action"], verdict["reason"]) == ("review", "refusal")


@given(st.integers(-(10**12), 10**12), st.sampled_from(["How many?", "What is the sum?", "In which year?"]))
def test_numbers_are_answers(number, prompt):
    assert said(prompt, str(number))["action"] == "keep"


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_text_can_be_judged(prompt, response):
    assert said(prompt, response)["action"] in ("keep", "drop", "review")
