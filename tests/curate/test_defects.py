"""Each defect is seen in hand-made rows, in the languages that the step claims, and named as declared."""

import json
from pathlib import Path

import pyarrow as pa
import pytest
from tuneset.curate.readers.shapes import Draft, shape_of
from tuneset.curate.readers.table import name_draft, rows_batch
from tuneset.curate.steps import Defects
from tuneset.curate.steps.defects import SIGNALS
from tuneset.curate.testing import check_step
from tuneset.schemas.arrow import ROWS
from tuneset.schemas.errors import RecipeError

EXAMPLES = json.loads(
    (Path(__file__).parents[2] / "docs" / "steps" / "examples" / "defects.json").read_text(encoding="utf-8")
)
HARD = {
    *("equal_pair", "serialised_null", "placeholder_answer", "echo", "loop", "unreadable", "gibberish"),
    *("chat_markup", "no_answer_after_reasoning", "api_error", "html_residue"),
}


def table(rows):
    drafts = [name_draft(d, f"f:{i}", "f", i) for i, d in enumerate(rows, start=1)]
    return pa.Table.from_batches([rows_batch(drafts)], ROWS)


def draft(prompt, response, system=None):
    turns = [{"role": "system", "content": system}] if system else []
    turns += [{"role": "user", "content": prompt}, {"role": "assistant", "content": response}]
    return Draft(turns, None, None, None, {})


def verdicts(*rows, skip=()):
    step = Defects(skip=skip)
    return step.decide(step.measure(table(rows))).to_pylist()


def said(prompt, response):
    (verdict,) = verdicts(draft(prompt, response))
    return verdict


def test_which_reasons_drop():
    assert {s.code for s in SIGNALS if s.hard} == HARD


def test_every_signal_has_a_sentence_and_a_source():
    assert all(s.sentence.endswith(".") and s.source for s in SIGNALS)
    assert len({s.code for s in SIGNALS}) == len(SIGNALS) >= 40


@pytest.mark.parametrize("reason", [s.code for s in SIGNALS])
def test_the_example_of_every_reason_gets_it(reason):
    drafts = [shape_of(row).convert(row) for row in EXAMPLES[reason]]
    verdict = verdicts(*drafts)[-1]
    assert verdict["reason"] == reason
    assert verdict["action"] == ("drop" if reason in HARD else "review")
    assert verdict["detail"]


REFUSALS = {
    "en": "I apologize, but I am unable to complete this task.",
    "de": "Es tut mir leid, aber dabei kann ich Ihnen nicht helfen.",
    "fr": "Je suis désolé, mais je ne peux pas répondre à cette question.",
    "es": "Lo siento, pero no puedo ayudarte con eso.",
    "zh": "抱歉，我无法回答这个问题。",
    "ja": "申し訳ありませんが、そのご質問にはお答えできません。",
    "ko": "죄송하지만 그 요청은 도와드릴 수 없습니다.",
    "ru": "Извините, но я не могу помочь с этим.",
    "ar": "عذرا، لا أستطيع مساعدتك في ذلك.",
}
SELVES = {
    "en": "There is much to say. As an AI language model, I have seen none of it.",
    "de": "Als KI-Sprachmodell habe ich keinen Lieblingsbaum.",
    "fr": "En tant que modèle de langage, je n'ai pas d'arbre préféré.",
    "es": "Como modelo de lenguaje, no tengo un árbol favorito.",
    "zh": "作为一个人工智能，我没有最喜欢的树。",
    "ja": "AIアシスタントとして、好きな木はありません。",
    "ko": "저는 AI 언어 모델로서 좋아하는 나무가 없습니다.",
    "ru": "Как языковая модель, я не имею любимого дерева.",
    "ar": "بصفتي نموذجا لغويا، ليس لدي شجرة مفضلة.",
}
CUTOFFS = {
    "en": "My knowledge cutoff is September 2021.",
    "de": "Mein Wissensstand reicht bis 2021.",
    "fr": "Depuis ma dernière mise à jour, rien n'a changé.",
    "es": "Mi fecha de corte es septiembre de 2021.",
    "zh": "截至我的知识更新时间，法国是冠军。",
    "ja": "私の知識は2021年までです。",
    "ko": "제 지식은 2021년까지입니다.",
    "ru": "Мои знания ограничены 2021 годом.",
    "ar": "آخر تحديث لي كان في عام 2021.",
}
MISSING = {
    "en": "Correct the errors in the following sentence.",
    "de": "Fasse den folgenden Text zusammen.",
    "fr": "Résume le texte suivant.",
    "es": "Resume el siguiente texto.",
    "zh": "总结以下文章。",
    "ja": "次の文章を要約してください。",
    "ko": "다음 문장을 요약하세요.",
    "ru": "Переведите следующий текст на английский.",
    "ar": "لخص النص التالي.",
}


@pytest.mark.parametrize("language", sorted(REFUSALS))
def test_signals_of_words_in_nine_languages(language):
    assert said("Hm?", REFUSALS[language])["reason"] == "refusal"
    assert "ai_self_reference" in str(said("Hm?", SELVES[language]))
    assert "knowledge_cutoff" in str(said("Hm?", CUTOFFS[language]))
    assert said(MISSING[language], "1947")["reason"] == "missing_input"


@pytest.mark.parametrize(
    ("prompt", "response", "reason"),
    [
        (
            "What is the capital of France, and since when?",
            "What is the capital of France, and since when?",
            "echo",
        ),
        (
            "Name a fruit that grows in Spain.",
            "Name a fruit that grows in Spain. Name a fruit that grows in Spain.",
            "echo",
        ),
        ("q", "go " * 40, "loop"),
        ("Was ist ein Fluss?", "Ein Fluss ist ein natürliches Gewässer, das fließt. " * 8, "loop"),
        ("什么是河流？", "河流是流动的水，非常重要。" * 8, "loop"),
        ("Say it.", "It\u00e2\u20ac\u2122s broken", "garbled"),
        ("Say it.", "\u0420\u045f\u0421\u0402\u0420\u0451\u0420\u0406\u0420\u00b5\u0421\u201a", "garbled"),
        (
            "Tell me of the town.",
            "The town lies on a river and it is known for the bridges that were built by",
            "truncated",
        ),
        (
            "Tell me of the town.",
            "The town lies on a river. It has a harbour, two markets and an old univers",
            "truncated",
        ),
        ("Tell a story.", "Hi!\n\n### Instruction:\nName a fruit.", "chat_markup"),
        ("Hi.", "Hello<|im_end|>\n<|im_start|>user\nBye", "chat_markup"),
        ("Name a city.", "Oslo[/INST]", "chat_markup"),
        ("Tell me a joke.", "nan", "serialised_null"),
        ("Hi.", "Error 429: Too many requests", "api_error"),
        ("Hi.", "Hello.\nUser: what now?", "merged_examples"),
        ("Hi.", "abc\u202edef", "hidden_text"),
        ("Who are you?", "I am ChatGPT.", "foreign_identity"),
        ("Describe the sea.", "TODO", "placeholder_answer"),
        ("Describe the sea.", "...", "placeholder_answer"),
        ("Describe the sea.", "Output:", "placeholder_answer"),
        ("Describe the sea.", "![image](https://i.example.org/a.png)", "link_instead_of_answer"),
        ("Describe the sea.", "Source: Wikipedia", "link_instead_of_answer"),
        ("Describe the sea.", "See the attached image.", "impossible_modality"),
        ("Describe the sea.", "Please provide the text you want me to describe.", "asks_for_input"),
        ("Translate this: hello", "<think>Hello is bonjour.", "no_answer_after_reasoning"),
        ("Return the answer as valid JSON.", "{'name': 'Ada'", "invalid_json"),
    ],
)
def test_variants(prompt, response, reason):
    assert said(prompt, response)["reason"] == reason


def test_every_assistant_turn_is_looked_at_and_named():
    turns = [
        {"role": "user", "content": "How do I bake bread?"},
        {"role": "assistant", "content": "I'm sorry, but I can't help with that."},
        {"role": "user", "content": "And rolls?"},
        {"role": "assistant", "content": "Bake them for twenty minutes."},
    ]
    (verdict,) = verdicts(Draft(turns, None, None, None, {}))
    assert (verdict["reason"], verdict["detail"][:8]) == ("refusal", "turn 2: ")


def test_a_hard_reason_comes_first_and_the_others_are_named():
    verdict = said("Describe the sea.", "I'm sorry, but I can't help with that.<|im_end|><|im_start|>user")
    assert (verdict["action"], verdict["reason"]) == ("drop", "chat_markup")
    assert "; also refusal" in verdict["detail"]


def test_skip_switches_reasons_off_and_refuses_unknown_codes():
    refused = draft("Hi.", "I'm sorry, but I can't help with that.")
    assert verdicts(refused, skip=["refusal"])[0]["action"] == "keep"
    with pytest.raises(RecipeError, match="did you mean 'refusal'"):
        Defects(skip=["refusals"])


def test_the_contract_holds_on_rows_with_defects():
    drafts = [shape_of(row).convert(row) for rows in EXAMPLES.values() for row in rows[:3]]
    check_step(Defects(), table(drafts))


def test_measures_do_not_depend_on_the_batch():
    drafts = [shape_of(row).convert(row) for rows in EXAMPLES.values() for row in rows[:3]]
    rows, step = table(drafts), Defects()
    parts = [step.measure(rows.slice(i, 1).combine_chunks()) for i in range(rows.num_rows)]
    whole = step.measure(rows)
    assert pa.concat_tables(parts).equals(whole)
    assert whole.column("relevance").null_count < rows.num_rows
