"""The language of prompt and answer, and answers in another language than the prompt."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tuneset.curate.readers.shapes import Draft
from tuneset.curate.readers.table import name_draft, rows_batch
from tuneset.curate.steps.language import Language
from tuneset.curate.steps.language.asked import asks_for_another
from tuneset.curate.steps.language.detect import evidence
from tuneset.curate.steps.language.fragments import fragment_nats
from tuneset.curate.steps.language.function_words import votes
from tuneset.curate.steps.language.languages import FOLDED, KNOWN_SCRIPTS, scripts_of, tongues
from tuneset.curate.steps.language.mismatch import worth_a_look
from tuneset.curate.steps.language.prose import count_letters, prose_of
from tuneset.curate.steps.language.run_shares import Doubt
from tuneset.curate.steps.language.scripts import main_script, script_counts
from tuneset.curate.steps.language.second_opinion import agrees, probabilities
from tuneset.curate.testing import check_step, sample_batch
from tuneset.schemas.arrow import ROWS


def say(*pairs, step=None):
    step = step or Language()
    return step.decide(step.measure(sample_batch(pairs))).to_pylist()


def turns(*messages):
    told = [{"role": role, "content": content} for role, content in messages]
    draft = name_draft(Draft(told, None, None, None, {}), "f:1", "f", 1)
    return pa.Table.from_batches([rows_batch([draft])], ROWS)


ARTICLE_ONE = {
    "bg": "Всички хора се раждат свободни и равни по достойнство и права.",
    "cs": "Všichni lidé rodí se svobodní a sobě rovní co do důstojnosti a práv.",
    "da": "Alle mennesker er født frie og lige i værdighed og rettigheder.",
    "de": "Alle Menschen sind frei und gleich an Würde und Rechten geboren.",
    "el": "Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι στην αξιοπρέπεια και τα δικαιώματα.",
    "en": "All human beings are born free and equal in dignity and rights.",
    "es": "Todos los seres humanos nacen libres e iguales en dignidad y derechos.",
    "fi": "Kaikki ihmiset syntyvät vapaina ja tasavertaisina arvoltaan ja oikeuksiltaan.",
    "fr": "Tous les êtres humains naissent libres et égaux en dignité et en droits.",
    "he": "כל בני האדם נולדו בני חורין ושווים בערכם ובזכויותיהם.",
    "hu": "Minden emberi lény szabadon születik és egyenlő méltósága és joga van.",
    "it": "Tutti gli esseri umani nascono liberi ed eguali in dignità e diritti.",
    "ja": "すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。",
    "ko": "모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다.",
    "nl": "Alle mensen worden vrij en gelijk in waardigheid en rechten geboren.",
    "no": "Alle mennesker er født frie og med samme menneskeverd og menneskerettigheter.",
    "pl": "Wszyscy ludzie rodzą się wolni i równi pod względem swej godności i swych praw.",
    "pt": "Todos os seres humanos nascem livres e iguais em dignidade e em direitos.",
    "ru": "Все люди рождаются свободными и равными в своем достоинстве и правах.",
    "sv": "Alla människor är födda fria och lika i värde och rättigheter.",
    "th": "มนุษย์ทั้งหลายเกิดมามีอิสระและเสมอภาคกันในเกียรติศักดิ์และสิทธิ",
    "tr": "Bütün insanlar hür, haysiyet ve haklar bakımından eşit doğarlar.",
    "uk": "Всі люди народжуються вільними і рівними у своїй гідності та правах.",
    "vi": "Tất cả mọi người sinh ra đều được tự do và bình đẳng về nhân phẩm và quyền.",
    "zh": "人人生而自由，在尊严和权利上一律平等。",
}
"""Universal Declaration of Human Rights, article 1, first sentence (United Nations, free text)."""


@pytest.mark.parametrize("code", sorted(ARTICLE_ONE))
def test_article_one_of_the_declaration_of_human_rights(code):
    (verdict,) = say(("?", ARTICLE_ONE[code]))
    assert (verdict["action"], verdict["reason"], verdict["value"]) == ("assign", "language", code)


@pytest.mark.parametrize("step", [Language(), Language(["en"]), Language(detector="langdetect")])
def test_the_step_keeps_the_contract(step):
    check_step(step)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("turn off the lamp in the den", "en"),
        ("what is the weather like", "en"),
        ("mach das Licht im Flur aus", "de"),
        ("allume la lampe de la cuisine", "fr"),
        ("enciende la luz del salón", "es"),
        ("выключи свет в спальне", "ru"),
        ("zapni světlo v kuchyni", "cs"),
        ("斜陽の気配", "ja"),
        ("気象庁", "ja"),
        ("东京", "zh"),
    ],
)
def test_short_commands(text, code):
    assert say(("?", text))[0]["value"] == code


@pytest.mark.parametrize(
    "text",
    [
        "42",
        "a = b + c",
        "https://example.org/the/quick/brown/fox",
        "someone@example.org",
        "NATO",
        "π ≈ 3.14",
        "npm install",
        "B2B",
        "0x7ffe",
        "/usr/local/bin/my_tool",
        "{'key_one': 1, 'key_two': 2}",
        "```\nthe quick brown fox\n```",
        "def add(first, second):\n    # the sum of both numbers\n    return first + second",
        "SELECT name, age FROM people WHERE age > 30 ORDER BY age;",
        '#!/bin/sh\necho "the files are gone"\nrm -f *.log',
        '<div class="box"><p></p></div>',
        "C-G-A-F, D-E-A-D",
        "🎉 🎉 🎉",
        "",
    ],
)
def test_what_has_no_words_has_no_language(text):
    assert say(("?", text))[0]["value"] == "und"


def test_prose_around_code_decides():
    text = "The function below adds two numbers.\n```python\ndef añade(x, y):\n    return x + y\n```"
    assert prose_of(text) == "The function below adds two numbers."
    assert say(("?", text))[0]["value"] == "en"


def test_an_answer_of_code_has_the_language_of_its_prompt():
    (verdict,) = say(("Schreibe bitte eine Schleife in Python.", "for i in range(3):\n    print(i)"))
    assert verdict["value"] == "de"
    assert verdict["detail"] == "the prompt's language: the answer has no words"


def test_an_answer_of_names_has_the_language_of_its_prompt():
    pairs = [
        ("Which two rivers meet in the city of Koblenz?", "Rhein, Mosel"),
        ("法国的首都是哪里？", "Paris"),
    ]
    assert [v["value"] for v in say(*pairs)] == ["en", "zh"]


def test_a_short_answer_in_another_script_keeps_its_language():
    pairs = [("What is the name of the country in its own words?", "ભારત"), ("Name the city.", "Москва моя")]
    assert [v["value"] for v in say(*pairs)] == ["gu", "ru"]


ENGLISH = "The museum opens at nine in the morning and closes at six in the evening."
GERMAN = "Wann hat das Museum am Sonntag geöffnet und was kostet der Eintritt?"
CHINESE = "博物馆早上九点开门，晚上六点关门。"


@pytest.mark.parametrize(
    ("prompt", "answer", "reason"),
    [
        (GERMAN, ENGLISH, "language_mismatch"),
        ("When does the museum open on Sunday morning?", CHINESE, "language_mismatch"),
        (GERMAN, "Um neun Uhr.", "language"),
        ("Übersetze das: Das Museum öffnet um neun Uhr morgens.", ENGLISH, "language"),
        (f"{GERMAN} Bitte antworte auf Englisch.", ENGLISH, "language"),
        ("Traduci la frase seguente: il museo apre alle nove.", ENGLISH, "language"),
        ("请用英语写一句关于博物馆的话。", ENGLISH, "language"),
        (f"Fasse das zusammen:\n{ENGLISH} It is free for children.", ENGLISH, "language"),
        (GERMAN, f"{ENGLISH}\nDas Museum öffnet um neun Uhr und schließt um sechs Uhr.", "language"),
        ("Schreibe eine Funktion, die zwei Zahlen addiert.", "def add(a, b):\n    return a + b", "language"),
        (ARTICLE_ONE["no"], ARTICLE_ONE["da"], "language"),
        ("Wie heißt der berühmteste Film von Steven Spielberg?", "Raiders of the Lost Ark", "language"),
        (
            "如何移动角色？请告诉我应该使用哪一个积木。",
            "使用 move ten steps and turn to the right 积木",
            "language",
        ),
    ],
)
def test_answers_in_another_language_than_the_prompt(prompt, answer, reason):
    (verdict,) = say((prompt, answer))
    assert verdict["reason"] == reason
    assert verdict["action"] == ("review" if reason == "language_mismatch" else "assign")


def test_a_mismatch_names_the_language_of_the_prompt():
    (verdict,) = say((GERMAN, ENGLISH))
    assert verdict["value"] == "en"
    assert verdict["detail"].startswith("the prompt is de (")


def test_a_system_prompt_may_ask_for_another_language():
    rows = turns(("system", "Always answer in English."), ("user", GERMAN), ("assistant", ENGLISH))
    step = Language()
    assert step.decide(step.measure(rows))["reason"].to_pylist() == ["language"]


def test_the_last_user_turn_is_the_prompt():
    rows = turns(("user", ENGLISH), ("assistant", "Good."), ("user", GERMAN), ("assistant", "Um neun Uhr."))
    measures = Language().measure(rows).to_pylist()[0]
    assert (measures["prompt_language"], measures["language"]) == ("de", "de")


def test_measures_hold_codes_scores_and_letters_of_both_sides():
    measures = Language().measure(sample_batch([(GERMAN, ENGLISH)])).to_pylist()[0]
    assert (measures["language"], measures["prompt_language"]) == ("en", "de")
    assert measures["letters"] == sum(c.isalpha() for c in ENGLISH)
    assert measures["prompt_letters"] == sum(c.isalpha() for c in GERMAN)
    assert measures["score"] > 0.9 < measures["prompt_score"]


def test_a_filter_drops_other_languages_and_keeps_what_it_cannot_tell():
    found = say((GERMAN, GERMAN), ("?", "42"), (ENGLISH, ENGLISH), step=Language(["en"]))
    assert [(v["action"], v["reason"]) for v in found] == [
        ("drop", "wrong_language"),
        ("assign", "language"),
        ("assign", "language"),
    ]


def test_langdetect_is_deterministic_and_selectable():
    text = "Das ist nur ein kurzer Satz auf Deutsch."
    assert [probabilities(text) for _ in range(3)] == [probabilities(text)] * 3
    assert agrees(text, "de")
    assert not agrees(text, "en")
    assert agrees("", "yo"), "langdetect does not know Yoruba"
    assert Language(detector="langdetect").measure_params != Language().measure_params
    assert say(("?", text), step=Language(detector="langdetect"))[0]["value"] == "de"
    assert say(("?", "12345"), step=Language(detector="langdetect"))[0]["value"] == "und"


def test_folded_codes_are_told():
    assert FOLDED["nb"] == FOLDED["nn"] == "no"
    assert {FOLDED[c] for c in ("zh-cn", "zh-tw", "yue", "wuu")} == {"zh"}
    assert {"bs", "hr", "sr", "id", "ms"} <= set(tongues().codes)
    assert not {"nb", "nn", "zxx"} & set(tongues().codes)


def test_scripts():
    assert script_counts("abc дом 東京 ひら") == {"latin": 3, "cyrillic": 3, "han": 6, "kana": 4}
    assert main_script({"latin": 70, "cyrillic": 30}) == "cyrillic"
    assert main_script({"latin": 71, "cyrillic": 29}) == "latin"
    assert main_script({"han": 30, "kana": 4, "hangul": 20}) == "cjk"
    assert scripts_of("sr") == {"cyrillic", "latin"}
    assert scripts_of("ru") == {"cyrillic"}
    assert scripts_of("en") == {"latin"}
    assert {"latin", "cyrillic", "thai"} <= KNOWN_SCRIPTS


@pytest.mark.parametrize(
    ("text", "letters"), [("a bc", {}), ("NASA", {}), ("word", {"latin": 4}), ("ไทย", {"thai": 3})]
)
def test_letters_that_tell_a_language(text, letters):
    assert count_letters(text) == letters


def test_function_words_count_less_where_languages_share_them():
    found = votes(["the und", "xyzzy"])
    column = tongues().column
    assert found[0, column["de"]] > 0 < found[0, column["en"]]
    assert found[0, column["ru"]] == 0
    assert not found[1].any()


def test_fragments_speak_for_the_languages_that_have_them():
    nats = fragment_nats(["wissenschaft", "zzzzzzz", "kurz"])
    column = tongues().column
    assert nats[0].argmax() == column["de"]
    assert nats[0, column["sn"]] == 0, "no list, neither helped nor hurt"
    assert nats[0].sum() == pytest.approx(0, abs=1e-3)
    assert not nats[1:].any()


@pytest.mark.parametrize(
    ("text", "code", "asked"),
    [
        ("Translate this.", "en", True),
        ("Say it in French, please.", "en", True),
        ("Sag es auf Französisch.", "de", True),
        ("Скажи это по-английски.", "ru", True),
        ("用英语回答", "zh", True),
        ("フランス語で答えて", "ja", True),
        ("اكتب جملة بالإنجليزية", "ar", True),
        ("What is the capital of France?", "en", False),
        ("Ein schöner Tag", "de", False),
    ],
)
def test_prompts_that_ask_for_another_language(text, code, asked):
    assert asks_for_another(text, code) is asked


def test_akin_doubtful_and_short_pairs_are_no_mismatch():
    assert worth_a_look(("de", "en"), (0.99, 0.99), (40, 40))
    assert not worth_a_look(("de", "en"), (0.99, 0.7), (40, 40))
    assert not worth_a_look(("de", "en"), (0.99, 0.99), (40, 10))
    assert not worth_a_look(("no", "da"), (0.99, 0.99), (40, 40))
    assert not worth_a_look(("de", "und"), (0.99, 0.99), (40, 40))
    assert worth_a_look(("en", "zh"), (0.99, 0.99), (40, 12)), "the script speaks by itself"


def test_the_runs_languages_settle_doubtful_rows_alone():
    run = Doubt({"en": 990, "nl": 10})
    assert run.settle(["nl", "en"], [0.6, 0.4])[0] == "en"  # 0.6 * 0.01 < 0.4 * 0.99
    assert run.settle(["nl", "en"], [0.96, 0.04]) == ("nl", 0.96)
    assert Doubt({}).settle(["nl", "en"], [0.6, 0.4]) == ("nl", 0.6)
    code, score = run.settle(["nl", "en"], [0.5, 0.5])
    assert (code, score) == ("en", pytest.approx(0.99))  # 0.5 * 0.99 / (0.5 * 0.99 + 0.5 * 0.01)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(max_size=80), min_size=1, max_size=5))
def test_any_text_gets_a_distribution_over_languages(texts):
    found = evidence(texts)
    assert found.log_p.shape == (len(texts), len(tongues().codes))
    assert np.exp(found.log_p).sum(axis=1) == pytest.approx(1.0, abs=1e-3)
    codes, scores = found.best()
    assert all((code == "und") or n for code, n in zip(codes, found.letters, strict=True))
    assert ((scores >= 0) & (scores <= 1 + 1e-6)).all()
    alone = [evidence([text]).best()[0][0] for text in texts]
    assert alone == codes
