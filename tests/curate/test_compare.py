"""Normal forms, word differences and guards, on hand-made pairs."""

import pytest
from tuneset.curate.compare.differences import differences, exchanged
from tuneset.curate.compare.guards import veto
from tuneset.curate.compare.normal_form import normal_form, without_courtesy
from tuneset.curate.compare.rows import compare, is_cut
from tuneset.curate.compare.texts import PROMPT, texts_of
from tuneset.curate.compare.word_forms import opposite_prefix, same_word
from tuneset.curate.compare.words import code_tokens, may_hold_code, tokens

REAL = set(
    "the capital of france germany is paris first last pokemon game launch formal informal letter cat car dog train with "
    "advantages disadvantages increase decrease temperature synonym word write colour color work works tell me about"
    " museum opens at nine in morning every working day and closes six evening".split()
)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Caf\u00e9", "cafe\u0301"),
        ("It’s “fine” — ok", 'it\'s "fine" - ok'),
        ("zero\u200bwidth", "zerowidth"),
        ("p\u0430ypal", "paypal"),  # a Cyrillic a
        ("a &amp; b &lt; c", "a & b < c"),
        ("## Title\n\n- **bold** item", "title bold item"),
        ("don't can't I'm", "do not can not i am"),
        ("ＡＢＣ", "abc"),
    ],
)
def test_normal_form(a, b):
    assert normal_form(a) == normal_form(b)


@pytest.mark.parametrize("text", ["москва и киев", "ελληνικά", "snake_case * 2", "a - b"])
def test_normal_form_keeps_what_matters(text):
    assert normal_form(text) == text


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("please name two ducks.", "name two ducks."),
        ("can you please name two ducks? thanks!", "name two ducks?"),
        ("hello, could you help me: name two ducks", "name two ducks"),
        ("please", "please"),
        ("please yourself", "yourself"),
    ],
)
def test_courtesy_in_a_prompt(text, rest):
    assert without_courtesy(text, answer=False) == rest


def test_labels_and_closing_phrases():
    assert without_courtesy("question: name two ducks.", answer=False) == "name two ducks."
    assert without_courtesy("answer: mallard.", answer=True) == "mallard."
    assert without_courtesy("mallard and teal. i hope this helps!", answer=True) == "mallard and teal"
    assert without_courtesy("mallard. let me know if you have any questions.", answer=True) == "mallard"
    assert without_courtesy("i hope this helps!", answer=True) == "i hope this helps!"
    assert without_courtesy("ratio: 3 to 4, i hope", answer=True) == "ratio: 3 to 4, i hope"


def test_courtesy_in_an_answer():
    assert without_courtesy("sure! here you go: mallard and teal.", answer=True) == "mallard and teal."
    assert without_courtesy("surely not.", answer=True) == "surely not."


def objection(a, b):
    return veto(differences(tokens(normal_form(a)), tokens(normal_form(b)), REAL.__contains__))


@pytest.mark.parametrize(
    ("a", "b", "why"),
    [
        ("the capital of france", "the capital of germany", "word"),
        ("the first game", "the last game", "word"),
        ("a formal letter", "an informal letter", "word"),
        ("increase the temperature", "decrease the temperature", "word"),
        ("write a synonym", "write an antonym", "word"),
        ("train with the cat", "train with the car", "word"),
        ("the game is in 5 minutes", "the game is in 7 minutes", "number"),
        ("opens at 9", "opens at nine", None),
        ("it costs 1,000", "it costs 1000", None),
        ("it costs 3.5", "it costs 35", "number"),
        ("the museum opens", "the museum never opens", "negation"),
        ("if a < b then", "if a > b then", "operator"),
        ("the museum opens at nine", "the museum opns at nine", None),
        ("the colour of the museum", "the color of the museum", None),
        ("tell me about the museum", "tell me about museums", None),
        ("write letter a", "write letter b", "word"),
        ("the train from paris to germany", "the train from germany to paris", "order"),
        ("tell me about the cat in paris", "in paris tell me about the cat", None),
        ("the museum opens every morning", "the museum opens everymorning", None),
        ("the museum opens at nine in the morning", "museum opens nine in morning", None),
    ],
)
def test_guards(a, b, why):
    assert objection(a, b) == why
    assert objection(b, a) == why


@pytest.mark.parametrize(
    ("a", "b", "words"),
    [
        ("rome to oslo", "oslo to rome", 1),
        ("new york to oslo", "oslo to new york", 1),
        ("a b c", "a c b", 0),
        ("a b", "b a", 0),
        ("a b c d e x f g h i j", "f g h i j x a b c d e", 0),  # five words: a sentence
    ],
)
def test_exchanged(a, b, words):
    assert exchanged(a.split(), b.split()) == words


def test_sentences_may_change_places():
    texts = texts_of([("the museum opens. the cat works.", ""), ("the cat works. the museum opens.", "")])
    assert texts.differences(0, 1, PROMPT).exchanged == 0


def test_word_forms_and_opposites():
    assert same_word("work", "works")
    assert same_word("organise", "organize")
    assert same_word("caf\u00e9", "cafe")
    assert not same_word("work", "word")
    assert opposite_prefix("encrypt", "decrypt")
    assert opposite_prefix("advantage", "disadvantage")
    assert opposite_prefix("maximum", "minimum")
    assert not opposite_prefix("museum", "musem")


@pytest.mark.parametrize(
    ("short", "long", "cut"),
    [
        ("a b c d e f g h i j", "a b c d e f g h i jumped", True),
        ("a b c d e f g h i", "a b c d e f g h i j", True),
        ("a b c d e f g h i 1", "a b c d e f g h i 10", False),
        ("a b c", "a b c d", False),
        ("a b c d e f g h i x", "a b c d e f g h i j", False),
    ],
)
def test_a_cut_end_is_no_other_word(short, long, cut):
    assert is_cut(short.split(), long.split()) is cut


def pair(a, b, threshold=0.7):
    return compare(texts_of([tuple(map(normal_form, r)) for r in (a, b)]), 0, 1, threshold)


LONG = "The museum opens at nine in the morning and closes at six in the evening on every working day."


def test_prompt_and_response_are_judged_apart():
    assert pair(("When does the museum open?", LONG), ("When does the museum open??", LONG)).same
    assert not pair(("When does the museum open?", LONG), ("Who painted the ceiling there?", LONG)).same
    assert not pair(
        ("When does the museum open?", LONG), ("When does the museum open?", "Nobody knows.")
    ).same


def test_a_short_answer_proves_little():
    question = "Is the sentence positive? The film was {} and I went home."
    assert not pair((question.format("long and dull"), "No"), (question.format("short and sweet"), "No")).same


@pytest.mark.parametrize(
    "text",
    [
        "call `x`",
        "camelCase",
        "a.b",
        "snake_case",
        "std::sort",
        "p->next",
        "",
        "End. Next",
        "plain",
        "x . y",
        "\u00e9.\u00e9",
        "aB",
    ],
)
def test_a_quick_look_misses_no_code(text):
    found = may_hold_code(["a b", text, "", text])
    assert found[1] == found[3]
    assert not found[0]
    if code_tokens(text):
        assert found[1]
    if text in ("", "plain", "x . y", "End. Next"):
        assert not found[1]
