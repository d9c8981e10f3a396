"""The structure step: what becomes of sound, odd and broken conversations, from the input row on."""

import copy
import json

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tuneset.curate.readers.shapes import RowProblem, shape_of
from tuneset.curate.readers.table import name_draft, rows_batch
from tuneset.curate.rows import conversations
from tuneset.curate.steps.structure import Structure, judge
from tuneset.curate.steps.structure.as_written import set_aside
from tuneset.curate.steps.structure.reasons import REASONS
from tuneset.curate.steps.structure.tool_schemas import tools_of
from tuneset.curate.testing import check_step
from tuneset.schemas.arrow import ROWS

U, A, S, T = "user", "assistant", "system", "tool"


def turn(role, content, **more):
    return {"role": role, "content": content, **more}


def call(name="find", arguments='{"city": "Ulm"}', id="c1"):
    return {"id": id, "type": "function", "function": {"name": name, "arguments": arguments}}


def calls(*made):
    return turn(A, None, tool_calls=list(made))


def result(id="c1", content="found"):
    return turn(T, content, tool_call_id=id)


ASK, SAY = turn(U, "q"), turn(A, "a")
PAIR = [ASK, SAY]
PARAMETERS = {
    "type": "object",
    "properties": {
        "city": {"type": "string"},
        "days": {"type": "integer"},
        "unit": {"type": "string", "enum": ["C", "F"]},
    },
    "required": ["city"],
}
TOOLS = [{"type": "function", "function": {"name": "find", "parameters": PARAMETERS}}]
TALK = [ASK, calls(call()), result(), SAY]


def judged(row):
    """Action, reasons and proposal for an input row; a quarantined one gives its reason."""
    try:
        draft = shape_of(row).convert(row)
    except RowProblem as problem:
        return "quarantine", [str(problem)], None
    tools = tools_of(json.dumps(draft.tools)) if draft.tools else None
    action, findings, proposal = judge(draft.messages, tools, set_aside(json.dumps(draft.meta)))
    return action, [f.reason for f in findings], proposal


def of(*messages, tools=TOOLS):
    return {"messages": list(messages), "tools": tools}


SOUND = [
    of(*PAIR),
    of(turn(S, "s"), *PAIR),
    of(turn("developer", "s"), *PAIR),
    of(*TALK),
    of(*TALK, *PAIR),
    of(ASK, calls(call())),
    of(ASK, calls(call(), call(id="c2")), result("c2"), result(), SAY),
    of(ASK, calls(call(), call(id="c2"))),
    of(ASK, turn(A, "Let me see.", tool_calls=[call()]), result(), SAY),
    of(*TALK, turn(U, "and?"), calls(call(id="c2")), result("c2"), SAY),
    of(*TALK[:3], calls(call(id="c2")), result("c2"), SAY),
    of(*TALK, tools=None),
    of(ASK, calls(call("anything", "{}")), tools=None),
    of(turn(U, [{"type": "text", "text": "q"}]), SAY),
    of(ASK, turn(A, "a", weight=0), ASK, turn(A, "a", weight=1)),
    of(ASK, turn(A, None, refusal="I cannot do that.")),
    of(ASK, turn(A, "write </s> in HTML")),
    of(turn(U, "q", name="Ann"), SAY),
    of(turn(U, "q", tool_call_id="", tags=[], tool_calls=[], weight=None, function_call=None), SAY),
    of(ASK, calls(call()), {**result(content=""), "name": "find"}, SAY),
    of(ASK, calls(call(arguments='{"city": "Ulm", "days": 2.0, "unit": null}'))),
    {"conversations": [{"from": "human", "value": "q"}, {"from": "gpt", "value": "a"}]},
    {"messages": [turn("prompter", "q"), turn(A, "a")]},
    {"prompt": "q", "completion": "a"},
]


@pytest.mark.parametrize("row", SOUND, ids=range(len(SOUND)))
def test_a_sound_row_is_kept(row):
    assert judged(row) == ("keep", [], None)


BROKEN = [
    # roles
    ("quarantine", "has no role", of({"content": "q"}, SAY)),
    ("quarantine", "has no role", of(turn(None, "q"), SAY)),
    ("quarantine", "the role 1, not a name", of(turn(1, "q"), SAY)),
    ("quarantine", "unknown role ''", of(turn("", "q"), SAY)),
    ("quarantine", "unknown role 'narrator'", of(turn("narrator", "q"), SAY)),
    ("edit", "role_spelling", of(turn("User", "q"), SAY)),
    ("edit", "role_spelling", of(turn("USER", "q"), SAY)),
    ("edit", "role_spelling", of(ASK, turn(" assistant\n", "a"))),
    ("edit", "role_spelling", of(turn("human", "q"), SAY)),
    ("edit", "role_spelling", of(ASK, turn("gpt", "a"))),
    ("edit", "role_spelling", of(ASK, turn("bot", "a"))),
    ("review", "starts_with_assistant", of(turn("bot", "q"), SAY, ASK, SAY)),
    ("drop", "no_assistant_turn", of(ASK)),
    ("drop", "no_assistant_turn", of(ASK, turn("Human", "a"))),
    ("drop", "no_assistant_turn", of(turn(S, "s"), ASK)),
    ("drop", "no_user_turn", of(SAY)),
    ("review", "system_prompt_only", of(turn(S, "s"), SAY)),
    ("review", "starts_with_assistant", of(SAY, *PAIR)),
    ("review", "late_system", of(*PAIR, turn(S, "s"), *PAIR)),
    ("review", "late_system", of(*PAIR, turn(S, "s"))),
    ("review", "system_twice", of(turn(S, "s"), turn(S, "other"), *PAIR)),
    ("edit", "repeated_system", of(turn(S, "s"), turn(S, "s"), *PAIR)),
    ("review", "doubled_turn", of(*PAIR, SAY)),
    ("review", "doubled_turn", of(ASK, *PAIR)),
    ("review", "doubled_turn", of(*PAIR, ASK, ASK)),
    ("edit", "trailing_user_turn", of(*PAIR, ASK)),
    # texts
    ("quarantine", "'messages' is empty", of()),
    ("quarantine", "not a list of turns", {"messages": None}),
    ("quarantine", "not a list of turns", {"messages": {"0": ASK}}),
    ("quarantine", "is a str, not a turn", of("q", SAY)),
    ("quarantine", "content of type int", of(turn(U, 12345), SAY)),
    ("quarantine", "content of type dict", of(turn(U, {"text": "q"}), SAY)),
    ("quarantine", "only text is supported", of(turn(U, [{"type": "image_url"}]), SAY)),
    ("drop", "empty_response", of(ASK, turn(A, "  \n"))),
    ("drop", "empty_response", of(ASK, turn(A, None))),
    ("drop", "empty_response", of(ASK, turn(A, "\u200b"))),
    ("drop", "empty_response", of(ASK, {"role": A})),
    ("drop", "empty_response", of(ASK, turn(A, "", tool_calls=[]))),
    ("drop", "empty_turn", of(turn(U, None), SAY)),
    ("drop", "empty_turn", of(ASK, turn(A, ""), *PAIR)),
    ("edit", "empty_system", of(turn(S, ""), *PAIR)),
    ("edit", "end_token", of(ASK, turn(A, "a<|endoftext|>"))),
    ("edit", "extra_members", of(turn(U, "q", timestamp=17), SAY)),
    ("edit", "extra_members", of(turn(U, "q", tool_call_id="c1"), SAY)),
    # weights
    ("review", "fractional_weight", of(ASK, turn(A, "a", weight=0.5))),
    ("drop", "nothing_trained", of(ASK, turn(A, "a", weight=0), ASK, turn(A, "a", weight=0))),
    ("edit", "misplaced_weight", of(turn(U, "q", weight=1), SAY)),
    ("edit", "misplaced_weight", of(turn(U, "q", weight=0), SAY)),
    ("quarantine", "the weight 2, not", of(ASK, turn(A, "a", weight=2))),
    ("quarantine", "the weight '1', not", of(ASK, turn(A, "a", weight="1"))),
    # calls and results
    ("drop", "tool_result_without_call", of(ASK, calls(call()), result("other"), SAY)),
    ("drop", "tool_result_without_call", of(ASK, result(), SAY)),
    ("drop", "tool_result_without_call", of(ASK, result(), calls(call()), SAY)),
    ("drop", "tool_call_without_result", of(ASK, calls(call()), SAY)),
    ("drop", "tool_call_without_result", of(ASK, calls(call(), call(id="c2")), result(), SAY)),
    ("drop", "tool_call_without_result", of(ASK, calls(call()), turn(S, "s"), result(), SAY)),
    ("edit", "ends_with_tool", of(*TALK[:3])),
    ("drop", "tool_result_without_call", of(ASK, calls(call()), result("other"))),
    ("review", "result_not_used", of(*TALK[:3], *PAIR)),
    ("review", "second_result", of(*TALK[:3], result(content="other"), SAY)),
    ("review", "duplicate_call_id", of(ASK, calls(call(), call()), result(), result(), SAY)),
    ("edit", "repeated_call_id", of(*TALK, *TALK)),
    ("edit", "unmatched_call_id", of(ASK, calls({"function": call()["function"]}), result(), SAY)),
    ("edit", "unmatched_call_id", of(ASK, calls(call()), turn(T, "found"), SAY)),
    ("edit", "call_without_id", of(ASK, calls({"function": call()["function"]}))),
    ("edit", "call_without_id", of(ASK, calls({"function": call()["function"]}), turn(T, "found"), SAY)),
    ("review", "result_without_id", of(ASK, calls(call(), call(id="c2")), turn(T, "f"), turn(T, "g"), SAY)),
    ("drop", "call_by_other_role", of(turn(U, "q", tool_calls=[call()]), SAY)),
    ("edit", "rewritten_result", of(ASK, calls(call()), turn(T, {"found": 1}, tool_call_id="c1"), SAY)),
    ("edit", "rewritten_call", of(ASK, turn(A, None, function_call=call()["function"]))),
    ("edit", "rewritten_call", of(ASK, calls({"id": "c1", **call()["function"]}), result(), SAY)),
    ("edit", "rewritten_call", of(ASK, calls({"id": "c1", "function": call()["function"]}), result(), SAY)),
    ("edit", "extra_members", of(ASK, calls({**call(), "index": 0}), result(), SAY)),
    ("review", "result_of_other_tool", of(ASK, calls(call()), {**result(), "name": "fly"}, SAY)),
    ("review", "missing_result", of(ASK, calls(call()), result(content=None), SAY)),
    ("quarantine", "without a name", of(ASK, calls({"id": "c1", "function": {"arguments": "{}"}}))),
    ("quarantine", "without a name", of(ASK, calls(call(name="")))),
    ("quarantine", "not JSON", of(ASK, turn(A, None, tool_calls=["find"]))),
    # names and arguments
    ("drop", "undeclared_tool", of(ASK, calls(call("fly")))),
    ("edit", "tool_name_spelling", of(ASK, calls(call(" find")))),
    ("edit", "tool_name_spelling", of(ASK, calls(call("functions.find")))),
    ("drop", "bad_arguments", of(ASK, calls(call(arguments='{"city": "Ulm"')))),
    ("drop", "bad_arguments", of(ASK, calls(call(arguments='[{"city": "Ulm"}]')))),
    ("drop", "bad_arguments", of(ASK, calls(call(arguments='{"city": NaN}')))),
    ("edit", "rewritten_arguments", of(ASK, calls(call(arguments={"city": "Ulm"})))),
    ("edit", "rewritten_arguments", of(ASK, calls(call(arguments=json.dumps('{"city": "Ulm"}'))))),
    ("edit", "rewritten_arguments", of(ASK, calls(call(arguments="{'city': 'Ulm'}")))),
    ("review", "missing_argument", of(ASK, calls(call(arguments="")))),
    ("review", "missing_argument", of(ASK, calls(call(arguments='{"days": 2}')))),
    ("review", "wrong_argument", of(ASK, calls(call(arguments='{"city": 5}')))),
    ("review", "wrong_argument", of(ASK, calls(call(arguments='{"city": "Ulm", "days": "two"}')))),
    ("review", "wrong_argument", of(ASK, calls(call(arguments='{"city": "Ulm", "days": true}')))),
    ("review", "wrong_argument", of(ASK, calls(call(arguments='{"city": "Ulm", "unit": "K"}')))),
    ("review", "undeclared_argument", of(ASK, calls(call(arguments='{"city": "Ulm", "zip": 1}')))),
    # tool definitions
    ("quarantine", "not a list of tool definitions", of(*PAIR, tools="find(city)")),
    ("quarantine", "not a list of tool definitions", of(*PAIR, tools=["find"])),
    ("review", "bad_tool_definition", of(*PAIR, tools=[{"function": {"description": "finds"}}])),
    ("review", "bad_tool_definition", of(*PAIR, tools=[{"type": "function", "function": "find"}])),
    ("review", "bad_tool_definition", of(*PAIR, tools=[{"name": "find", "parameters": "city"}])),
    ("review", "bad_tool_definition", of(*PAIR, tools=[{"name": "find", "parameters": {"type": "string"}}])),
    ("review", "doubled_tool", of(*PAIR, tools=TOOLS * 2)),
]


@pytest.mark.parametrize(
    ("action", "reason", "row"), BROKEN, ids=[f"{i}-{b[1]}" for i, b in enumerate(BROKEN)]
)
def test_a_broken_row_is_told(action, reason, row):
    found, reasons, _ = judged(row)
    assert found == action
    assert reason in reasons[0]


def test_every_reason_has_a_row_here():
    assert {reason for action, reason, _ in BROKEN if action != "quarantine"} == set(REASONS)


REPAIRED = [
    (of(*PAIR, turn(U, "and?")), PAIR),
    (of(turn(S, " "), *PAIR), PAIR),
    (of(turn(S, "s"), turn(S, "s"), *PAIR), [turn(S, "s"), *PAIR]),
    (of(ASK, turn(A, "a</s> <|im_end|>\n")), PAIR),
    (of(turn(S, ""), ASK, turn(A, "a</s>"), turn(U, "and?")), PAIR),
    (of(*TALK[:3]), TALK[:2]),
    (of(turn("USER", "q"), turn("assistant ", "a")), PAIR),
    (
        of(ASK, calls({"function": call()["function"]}), result("x9"), SAY),
        [ASK, calls(call(id="x9")), result("x9"), SAY],
    ),
    (of(ASK, calls(call()), turn(T, "found"), SAY), TALK),
    (of(*TALK, *TALK), [*TALK, ASK, calls(call(id="c1_2")), result("c1_2"), SAY]),
    (of(ASK, calls(call("functions.find")), result(), SAY), TALK),
    (of(ASK, calls(call(arguments={"city": "Ulm"}))), [ASK, calls(call(arguments='{"city":"Ulm"}'))]),
    (
        of(ASK, calls(call(arguments="{'city': 'Köln', 'days': None}"))),
        [ASK, calls(call(arguments='{"city": "Köln", "days": null}'))],
    ),
    (of(ASK, calls(call(arguments=json.dumps('{"city": "Ulm"}')))), [ASK, calls(call())]),
]


@pytest.mark.parametrize(("row", "messages"), REPAIRED, ids=range(len(REPAIRED)))
def test_a_repair_gives_what_was_meant(row, messages):
    given_before = copy.deepcopy(row)
    action, _, proposal = judged(row)
    plain = [{k: v for k, v in t.items() if v is not None or k == "content"} for t in proposal]
    assert (action, plain) == ("edit", messages)
    assert row == given_before


def test_a_repaired_conversation_is_sound():
    for action, _, row in BROKEN:
        if action == "edit":
            proposal = judged(row)[2]
            assert judged(of(*proposal))[0] == "keep", row


def test_a_table_gives_one_verdict_and_one_proposal_a_row():
    rows = [of(*PAIR, ASK), of(*PAIR), of(ASK), of(turn("USER", "q"), SAY), of(*PAIR, tools=TOOLS * 2)]
    drafts = [name_draft(shape_of(row).convert(row), f"f:{n}", "f", n) for n, row in enumerate(rows, start=1)]
    table = pa.Table.from_batches([rows_batch(drafts)], ROWS)
    measures = Structure().measure(table)
    assert conversations(measures.column("messages")) == [PAIR, None, None, PAIR, None]
    found = Structure().decide(measures.drop_columns(["messages"])).to_pylist()
    assert [(v["action"], v["reason"]) for v in found] == [
        ("edit", "trailing_user_turn"),
        ("keep", None),
        ("drop", "no_assistant_turn"),
        ("edit", "role_spelling"),
        ("review", "doubled_tool"),
    ]
    assert found[3]["detail"] == "turn 1: 'USER' read as 'user'"
    check_step(Structure(), table)


def test_a_doubtful_row_tells_how_its_roles_were_read():
    action, reasons, proposal = judged(of(turn("bot", "q"), *PAIR))
    assert (action, reasons, proposal) == ("review", ["starts_with_assistant", "role_spelling"], None)


def test_results_of_several_calls_in_one_turn_go_to_review():
    said = [{"name": "find", "arguments": {"city": "Ulm"}}] * 2
    row = {
        "conversations": [
            {"from": "human", "value": "q"},
            {"from": "function_call", "value": json.dumps(said)},
            {"from": "observation", "value": "both"},
            {"from": "gpt", "value": "a"},
        ]
    }
    assert judged(row)[:2] == ("review", ["result_without_id"])
    row["conversations"].insert(3, {"from": "observation", "value": "second"})
    assert judged(row)[0] == "keep"


def test_positions_count_the_system_turn_of_its_own_member():
    row = {"system": "s", "messages": [turn("USER", "q"), SAY]}
    draft = shape_of(row).convert(row)
    (finding,) = judge(draft.messages, None, set_aside(json.dumps(draft.meta)))[1]
    assert finding.detail == "turn 2: 'USER' read as 'user'"


@pytest.mark.parametrize("reader", ["pair", "preference"])
def test_other_shapes_tell_how_roles_were_read(reader):
    row = {"prompt": [turn("USER", "q")]}
    row |= {"completion": [SAY]} if reader == "pair" else {"chosen": [SAY], "rejected": [turn(A, "b")]}
    assert judged(row)[:2] == ("edit", ["role_spelling"])


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda v: (
        st.lists(v, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                "role content tool_calls function name arguments id weight type parameters text".split()
            ),
            v,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_no_row_makes_it_fail(data):
    row = of(*copy.deepcopy(TALK), tools=copy.deepcopy(TOOLS))
    for _ in range(data.draw(st.integers(1, 3))):
        holders = [value for value in _within(row) if value]
        holder = data.draw(st.sampled_from(range(len(holders))))
        keys = sorted(holders[holder]) if isinstance(holders[holder], dict) else range(len(holders[holder]))
        holders[holder][data.draw(st.sampled_from(keys))] = data.draw(JUNK)
    if shape_of(row) is not None:
        assert judged(row)[0] in ("quarantine", "drop", "review", "edit", "keep")


def _within(value):
    if isinstance(value, dict | list):
        yield value
        for member in value.values() if isinstance(value, dict) else value:
            yield from _within(member)


def test_the_step_keeps_sentences_for_all_its_reasons():
    assert Structure.reasons == REASONS
    assert all(sentence.endswith(".") for sentence in REASONS.values())
