"""Toxicity: sentences written for each rule, beside near ones that are harmless."""

import json

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tuneset.curate.readers.shapes import Draft
from tuneset.curate.readers.table import name_draft, rows_batch
from tuneset.curate.steps.toxicity import Toxicity
from tuneset.curate.testing import check_step, sample_batch
from tuneset.curate.toxicity import THRESHOLD, judge
from tuneset.schemas.arrow import ROWS
from tuneset.schemas.step_options import ToxicityOptions

GROUPS = ("women", "Muslims", "gay people", "black people", "immigrants", "people with disabilities", "Jews")
HATEFUL = {
    "hate": "I really despise {}.",
    "predicate": "Honestly, {} are nothing but vermin.",
    "adjective": "{} are all so stupid.",
    "attribute": "I never rent to filthy {}.",
    "call": "Someone should shoot {}.",
    "command": "Deport all {} now!",
    "passive": "{} must be wiped out.",
    "wish": "I hope {} die.",
    "exclusion": "{} do not belong in our country.",
    "denied good": "{} do not deserve respect.",
    "question": "Why are {} such parasites?",
    "reference": "I met some {} today. They are disgusting.",
    "clause": "When I see {}, I want to kill them.",
    "identified": "They are scum. They are just {}.",
    "profanity": "Fuck {}.",
}
HARMLESS = {
    "love": "I love {}.",
    "identity": "My two best friends are {}.",
    "negated hate": "I don't hate {}.",
    "negated predicate": "{} are not stupid.",
    "nobody": "No one should hurt {}.",
    "counter": "It is racist and wrong to say that {} are vermin.",
    "quoted": 'He was banned after he wrote "I hate {}" under the video.',
    "reported": "The speaker claimed that {} are criminals.",
    "other hater": "The Nazis hated {}.",
    "history": "In those years {} were not allowed to vote.",
    "question": "How many {} live in Canada?",
    "refusal": "I cannot provide reasons why {} should not have equal rights.",
    "help": "The charity protects {} from attacks.",
}


ABROAD_HATEFUL = """Ich hasse alle Muslime.
Ausländer sind Abschaum.
Alle Juden müssen sterben.
Man sollte Flüchtlinge abschieben.
Frauen sind dumm.
Schwule Menschen sind widerlich.
Du dreckiger Kanake.
Frauen gehören an den Herd.
Je déteste les Arabes.
Les femmes sont stupides.
Les immigrés sont des parasites.
Il faut expulser tous les migrants.
Les juifs doivent mourir.
Espèce de bougnoule.
Les musulmans ne méritent pas de vivre.
Odio a los inmigrantes.
Las mujeres son inferiores.
Los musulmanes son escoria.
Hay que deportar a todos los gitanos.
Eres un maricón de mierda.
Los negros deberían morir.
Odio gli immigrati.
Le donne sono inferiori.
Gli ebrei devono morire.
I rom sono parassiti.
Sei un frocio.
Odeio imigrantes.
As mulheres são burras.
Os muçulmanos são lixo.
Os gays devem morrer.
Você é um viado.
Я ненавижу евреев.
Мигранты это мразь.
Надо убить всех геев.
Женщины тупые.
Ты грязный чурка.
أكره اليهود
النساء حثالة
يجب طرد اللاجئين
你这个死基佬
黑鬼滚出去
この土人め
깜둥이 꺼져""".splitlines()
ABROAD_HARMLESS = """Ich hasse Montage.
Ich hasse Muslime nicht.
Ausländer sind kein Abschaum.
Es ist rassistisch zu sagen, dass Juden Ungeziefer sind.
Frauen durften damals nicht wählen.
Er sagte: "Ich hasse Ausländer."
Ich liebe schwule Menschen.
Die Frau war krank und die Tiere waren müde.
Je ne déteste pas les Arabes.
Les femmes ne sont pas stupides.
C'est raciste de dire que les immigrés sont des parasites.
Les femmes travaillent à Paris.
Les juifs ont été exterminés par les nazis.
No odio a los inmigrantes.
Las mujeres no son inferiores.
El sol es una estrella y los animales son bonitos.
Es racista decir que los musulmanes son escoria.
Non odio gli immigrati.
Le donne non sono inferiori.
Gli animali sono belli.
Não odeio imigrantes.
As mulheres não são burras.
O vírus é uma doença.
Я не ненавижу евреев.
Женщины не тупые.
Говорить, что мигранты это мразь, это расизм.
أنا أحب النساء
法国的首都是巴黎
歧视性的词语，比如黑鬼，不应该说
東京は日本の首都です。
한국의 수도는 서울이다""".splitlines()


def step_batch(*conversations):
    drafts = [
        name_draft(Draft(turns, None, None, None, {}), f"f:{i}", "f", i)
        for i, turns in enumerate(conversations, start=1)
    ]
    return pa.Table.from_batches([rows_batch(drafts)], ROWS)


def chat(*texts):
    roles = ("user", "assistant")
    return [{"role": roles[i % 2], "content": text} for i, text in enumerate(texts)]


def verdicts(*conversations, **options):
    step = Toxicity(ToxicityOptions(**options))
    return step.decide(step.measure(step_batch(*conversations))).to_pylist()


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("kind", HATEFUL)
def test_attacks_on_a_group(kind, group):
    text = HATEFUL[kind].format(group)
    text = text[0].upper() + text[1:]
    assert judge(text).score >= THRESHOLD, judge(text)


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("kind", HARMLESS)
def test_harmless_sentences_about_a_group(kind, group):
    text = HARMLESS[kind].format(group)
    text = text[0].upper() + text[1:]
    assert judge(text).score < THRESHOLD, judge(text)


@pytest.mark.parametrize(
    "text",
    [
        "I hate Mondays.",
        "Kill all mosquitoes in the garden.",
        "How do I kill a Python process?",
        "Bankers are scum.",
        "You are an idiot.",
        "Are you fucking kidding me?",
        "This is the best shit I ever ate.",
        "We walked along the dyke by the sea.",
        "I am a proud dyke.",
        "The gearbox of my car, the tranny, needs oil.",
        "Scunthorpe, Essex and the class of assassins.",
        "he/she/it runs",
        "The pros and cons of crackers, chips and nuts.",
        "Cancer is a disease, and rats spread the plague.",
        "",
        "   ",
        "東京は日本の首都です。",
    ],
)
def test_no_group_is_attacked(text):
    assert judge(text).score < THRESHOLD, judge(text)


@pytest.mark.parametrize(
    "text",
    [
        "I h4te women.",
        "I h a t e women.",
        "I haaaate women.",
        "I h*te women.",
        "Ihate women.",
        "I haet women.",
        "I hate w0m3n.",
        "Women are v3rm1n.",
        "Women are absolutescum.",
        "I hate wmoen.",
        "Women are v e r m i n.",
    ],
)
def test_disguised_words(text):
    assert judge(text).score >= THRESHOLD, judge(text)


@pytest.mark.parametrize("text", ABROAD_HATEFUL)
def test_attacks_in_other_languages(text):
    assert judge(text).score >= THRESHOLD, judge(text)


@pytest.mark.parametrize("text", ABROAD_HARMLESS)
def test_harmless_sentences_in_other_languages(text):
    assert judge(text).score < THRESHOLD, judge(text)


def test_the_more_abusive_of_two_texts_scores_higher():
    steps = ["The idea is bad.", "The idea is stupid.", "The fucking idea is stupid, you moron."]
    scores = [judge(text).score for text in steps]
    assert scores == sorted(scores)
    assert scores[0] < scores[1] < scores[2] < THRESHOLD


def test_an_urge_to_self_harm_needs_no_group():
    assert judge("Just kill yourself.").score >= THRESHOLD
    assert judge("Just kill yourself.").category == "self-harm"
    assert judge("Never kill yourself, please call someone.").score < THRESHOLD


def test_telling_words_are_named():
    found = judge("The weather is fine. Muslims are vermin.")
    assert found.words[0] == "vermin"
    assert found.category == "hate"


def test_a_toxic_answer_goes_to_review_and_a_toxic_prompt_gets_a_label():
    answer, prompt, fine = verdicts(
        chat("Hello.", "Hi.", "What of them?", "Muslims are vermin."),
        chat("Muslims are vermin.", "I do not agree."),
        chat("What is 2 + 2?", "4"),
    )
    assert (answer["action"], answer["reason"]) == ("review", "toxic")
    assert answer["score"] >= THRESHOLD
    assert json.loads(answer["detail"])["turn"] == 3
    assert "vermin" in json.loads(answer["detail"])["words"]
    assert (prompt["action"], prompt["reason"], prompt["value"]) == ("assign", "toxic_prompt", "toxic_prompt")
    assert prompt["score"] < THRESHOLD
    assert json.loads(prompt["detail"])["turn"] == 0
    assert (fine["action"], fine["reason"], fine["score"]) == ("keep", None, 0.0)


def test_the_worst_answer_counts():
    (row,) = verdicts(chat("a", "Muslims are vermin.", "b", "Sorry, I take that back."))
    assert json.loads(row["detail"])["turn"] == 1


@pytest.mark.parametrize(
    ("action", "verdict", "value"), [("label", "assign", "toxic"), ("drop", "drop", None)]
)
def test_action(action, verdict, value):
    (row,) = verdicts(chat("Well?", "I hate immigrants."), action=action)
    assert (row["action"], row["reason"], row["value"]) == (verdict, "toxic", value)


def test_contract():
    check_step(Toxicity())
    check_step(Toxicity(), step_batch(chat("Hi", "I hate immigrants."), chat("I hate Jews.", "Why?")))
    check_step(Toxicity(ToxicityOptions(action="drop")), sample_batch())


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=200))
def test_any_text_has_a_score(text):
    found = judge(text)
    assert 0.0 <= found.score <= 1.0
    assert judge(text) == found


@settings(max_examples=50, deadline=None)
@given(st.text(alphabet="abcdefghij \n.,", max_size=200))
def test_harmless_text_around_an_attack_does_not_hide_it(text):
    assert judge(f"{text}\n\nI despise all immigrants.\n\n{text}").score >= THRESHOLD
