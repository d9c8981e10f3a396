"""The step `pii`: what it does to rows, and that a placeholder stands for one value throughout a conversation."""

import json

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tuneset.curate.pii import PresidioDetector
from tuneset.curate.readers.shapes import Draft
from tuneset.curate.readers.table import name_draft, rows_batch
from tuneset.curate.rows import conversations
from tuneset.curate.steps.pii import Pii
from tuneset.curate.testing import check_step
from tuneset.schemas.arrow import ROWS
from tuneset.schemas.errors import MissingExtraError
from tuneset.schemas.step_options import PiiOptions

MAIL = "nora.lindqvist@example.org"
CARD = "4000 0000 0000 1091"


def batch(*rows):
    drafts = []
    for n, (turns, rejected) in enumerate(rows, start=1):
        drafts.append(name_draft(Draft(turns, None, rejected, None, {}), f"rows:{n}", "rows", n))
    return pa.Table.from_batches([rows_batch(drafts)], ROWS)


def user(text, **more):
    return {"role": "user", "content": text, **more}


def answer(text, **more):
    return {"role": "assistant", "content": text, **more}


def call(arguments):
    function = {"name": "crm", "arguments": arguments}
    return answer(None, tool_calls=[{"id": "c1", "type": "function", "function": function}])


def run(*turns, rejected=None, **options):
    """The verdict on one row, and its turns after the edit."""
    step = Pii(PiiOptions(**options))
    measures = step.measure(batch((list(turns), rejected)))
    verdict = step.decide(measures.drop_columns(["messages"])).to_pylist()[0]
    return verdict, conversations(measures.column("messages"))[0]


def test_the_step_keeps_the_contract():
    rows = batch(
        ([user(f"I am {MAIL}"), answer("Fine.")], None),
        ([user("Hi"), answer("Hello")], None),
        ([user("Call whom?"), answer("Nobody.")], [answer("Call (202) 555-0147.")]),
    )
    for action in ("redact", "label", "drop"):
        check_step(Pii(PiiOptions(action=action, names=True)), rows)
        check_step(Pii(PiiOptions(action=action)))


def test_one_value_has_one_placeholder_in_all_turns():
    _, turns = run(
        {"role": "system", "content": f"The customer is {MAIL}."},
        user("My old one is ole.berg@example.org, call (202) 555-0147."),
        answer(f"I wrote to {MAIL.upper()} and called +1 202 555 0147."),
    )
    assert [t["content"] for t in turns] == [
        "The customer is [EMAIL_1].",
        "My old one is [EMAIL_2], call [PHONE_1].",
        "I wrote to [EMAIL_1] and called [PHONE_1].",
    ]


def test_a_part_of_a_name_is_the_same_person():
    _, turns = run(
        user("My name is Nora Lindqvist."),
        answer("Hello Nora! Is Lindqvist spelled with qv?"),
        user("Yes. Dear Tomasz Zielinski, bye"),
        names=True,
    )
    assert [t["content"] for t in turns] == [
        "My name is [PERSON_1].",
        "Hello [PERSON_1]! Is [PERSON_1] spelled with qv?",
        "Yes. Dear [PERSON_2], bye",
    ]


def test_a_value_is_replaced_where_only_another_place_tells_what_it_is():
    _, turns = run(user("My SSN is 536221849"), answer("So 536221849 it is."))
    assert [t["content"] for t in turns] == ["My SSN is [US_SSN_1]", "So [US_SSN_1] it is."]


def test_arguments_stay_json_and_keep_what_is_not_personal():
    arguments = {
        "to": MAIL,
        "note": 'Say "hi"\n\u00e9 \U0001f44b to ' + MAIL,
        "n": 3,
        "card": 4000000000001091,
    }
    written = json.dumps({**arguments, "ssn": "536221849", "dob": "1988-02-17"})
    _, turns = run(
        user("Do it"), call(written), {"role": "tool", "content": "{}", "tool_call_id": "c1"}, answer("Ok")
    )
    assert json.loads(turns[1]["tool_calls"][0]["function"]["arguments"]) == {
        "to": "[EMAIL_1]",
        "note": 'Say "hi"\n\u00e9 \U0001f44b to [EMAIL_1]',
        "n": 3,
        "card": "[CREDIT_CARD_1]",
        "ssn": "[US_SSN_1]",
        "dob": "[DATE_OF_BIRTH_1]",
    }
    assert turns[1]["tool_calls"][0]["function"]["name"] == "crm"
    assert turns[1]["tool_calls"][0]["id"] == "c1"


def test_results_of_tools_and_names_of_speakers_are_read():
    result = json.dumps(
        {"customer": {"phone": "2025550147", "iban": "GB33BUKB20201555555555"}, "total": 12345678901}
    )
    _, turns = run(
        user("Who?", name=MAIL),
        call("{}"),
        {"role": "tool", "content": result, "tool_call_id": "c1"},
        answer("Found.", reasoning_content=f"She is {MAIL}."),
    )
    assert turns[0]["name"] == "[EMAIL_1]"
    assert json.loads(turns[2]["content"]) == {
        "customer": {"phone": "[PHONE_1]", "iban": "[IBAN_1]"},
        "total": 12345678901,
    }
    assert turns[3]["reasoning_content"] == "She is [EMAIL_1]."


def test_arguments_that_are_no_json_are_redacted_as_text():
    _, turns = run(user("Do it"), call(f"to={MAIL}"), answer("Ok"))
    assert turns[1]["tool_calls"][0]["function"]["arguments"] == "to=[EMAIL_1]"


def test_numbers_go_on_after_placeholders_that_are_there():
    _, turns = run(user(f"I know [EMAIL_4] and {MAIL}"), answer("Good."))
    assert turns[0]["content"] == "I know [EMAIL_4] and [EMAIL_5]"


def test_a_redacted_row_is_left_alone():
    _, turns = run(user(f"Mail {MAIL}, card {CARD}, born 1988-02-17, call (202) 555-0147"), answer("Yes."))
    assert run(*turns) == ({**run(user("a"), answer("b"))[0]}, None)


@pytest.mark.parametrize(
    ("action", "said", "reason"), [("redact", "edit", "payment_data"), ("label", "assign", "payment_data"), ("drop", "drop", "payment_data")]
)  # fmt: skip
def test_what_happens_to_a_row(action, said, reason):
    verdict, _ = run(user(f"I am {MAIL}"), answer(f"Your card {CARD} is fine."), action=action)
    assert (verdict["action"], verdict["reason"], verdict["value"]) == (said, reason, "credit_card,email")


def test_the_gravest_kind_gives_the_reason():
    key = "ghp_Zq7Rk2vTn9Wb4Xc8Jd5Lf3Hs6Gp1Ym0QeUwA"
    for text, reason in (
        (f"{key} of {MAIL}", "secret"),
        (f"SSN 536-22-1849, card {CARD}", "identity_number"),
        (f"card {CARD} of {MAIL}", "payment_data"),
        (f"{MAIL}, born 1988-02-17", "contact_data"),
        ("I was born on 1988-02-17", "personal_data"),
    ):
        assert run(user(text), answer("Yes."))[0]["reason"] == reason


def test_detail_says_where_and_never_what():
    verdict, _ = run(user(f"Mail {MAIL}"), call(json.dumps({"to": MAIL})), answer("Ok"))
    told = json.loads(verdict["detail"])
    assert told == {
        "kinds": {"email": 2},
        "spans": [
            {"turn": 0, "start": 5, "end": 31, "kind": "email", "replacement": "[EMAIL_1]"},
            {
                "turn": 1,
                "start": 8,
                "end": 34,
                "kind": "email",
                "field": "tool_calls.0.arguments",
                "replacement": "[EMAIL_1]",
            },
        ],
    }
    assert "nora" not in json.dumps(verdict).lower()


def test_a_losing_answer_goes_to_a_person():
    losing = [answer("Call (202) 555-0147.")]
    verdict, _ = run(user("Who helps?"), answer("The desk."), rejected=losing)
    assert (verdict["action"], verdict["reason"]) == ("review", "pii_in_rejected")
    assert json.loads(verdict["detail"]) == {"spans_in_rejected": 1}
    for action, said in (("label", "review"), ("drop", "drop")):
        verdict, _ = run(user("Who helps?"), answer("The desk."), rejected=losing, action=action)
        assert (verdict["action"], verdict["reason"]) == (said, "pii_in_rejected")
    assert run(user("Who helps?"), answer("The desk."), rejected=[answer("No.")])[0]["action"] == "keep"


def test_a_password_that_is_made_here_is_nobodys():
    made = "my password is Tr0ub4dor&3"
    assert run(user("Log me in"), answer(made))[0]["value"] == "password"
    assert run(user("Generate a strong password"), answer(made))[0]["action"] == "keep"


def test_an_address_that_all_may_visit_is_nobodys():
    told = user("It is at 221 Maple Avenue, Springfield, IL 62704.")
    assert run(user("Where do you live?"), answer("See below"), told, answer("Ok"))[0]["value"] == "address"
    assert run(user("Name a good restaurant"), answer("See below"), told, answer("Ok"))[0]["action"] == "keep"
    ordered = user("Deliver it to my home")
    assert run(user("Name a good restaurant"), answer("A"), ordered, answer("B"), told, answer("Ok"))[0][
        "value"
    ]


def test_clean_rows_are_kept_without_a_word():
    verdict, turns = run(user("What is 415-555-0199?"), answer("Write to user@example.com."))
    assert (verdict["action"], verdict["detail"], turns) == ("keep", None, None)


@settings(max_examples=60)
@given(
    st.lists(
        st.sampled_from(
            [MAIL, CARD, "(202) 555-0147", "born 1988-02-17", "\u00e4 \U0001f44b", "hello", '"', "\\", "\n"]
        ),
        min_size=1,
        max_size=8,
    )
)
def test_no_value_is_left_in_text_or_arguments(pieces):
    text = " ".join(pieces)
    _, turns = run(user(text), call(json.dumps({"a": text, "b": [text]})), answer("Ok"))
    shown = (
        json.dumps(turns) + json.dumps(json.loads(turns[1]["tool_calls"][0]["function"]["arguments"]))
        if turns
        else text
    )
    for value in (MAIL, CARD, "555-0147", "1988-02-17"):
        assert value not in shown


def test_presidio_names_the_extra_where_it_is_missing(monkeypatch):
    import importlib.util

    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(MissingExtraError) as caught:
        Pii(PiiOptions(detector="presidio"))
    assert "tuneset[pii]" in caught.value.fix


def test_presidio_finds_by_the_same_interface():
    pytest.importorskip("presidio_analyzer")
    pytest.importorskip("spacy")
    text = f"Mail {MAIL}, card {CARD}"
    assert [(s.kind, text[s.start : s.end]) for s in PresidioDetector().find(text)] == [
        ("email", MAIL),
        ("credit_card", CARD),
    ]
    _, turns = run(user(text), answer("Ok"), detector="presidio")
    assert turns[0]["content"] == "Mail [EMAIL_1], card [CREDIT_CARD_1]"
