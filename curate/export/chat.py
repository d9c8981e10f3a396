"""Records in the OpenAI chat form and its near kin: turns, pairs of answers, prompts with a reference.

Targets of one service differ in what they carry; `Form` says how, and everything else is the same.
"""

from __future__ import annotations

from dataclasses import dataclass

from ...schemas.providers.problems import RowProblem
from .record_kinds import one_answer
from .shape import SYSTEM, Converted, Record, role_of, uncarried

MEMBERS = ("content", "name", "tool_calls", "tool_call_id")


@dataclass(frozen=True)
class Form:
    """How a service's chat lines differ from OpenAI's.

    Args:
        reasoning: An assistant turn may have `reasoning_content`.
        names: A turn may name its speaker.
        late_system: A system turn may stand later than first.
        developer: System turns are written as developer turns; else the other way round.
        masked: One weight in a row makes every turn of it count, so the turns that are not the assistant's
            get weight 0.
    """

    reasoning: bool = False
    names: bool = True
    late_system: bool = True
    developer: bool = False
    masked: bool = False


def chat_turns(
    given: list[Record], where: str, form: Form, changes: set[str], *, first: bool = True
) -> list[Record] | RowProblem:
    """Turns as a service's lines have them, or why it cannot carry one.

    Args:
        given: Canonical turns.
        where: The member that holds them, for the problem's place.
        form: The service's form.
        changes: Codes of `shape.CHANGES` are added here.
        first: Whether the conversation begins with them.
    """
    turns: list[Record] = []
    for i, turn in enumerate(given):
        problem = _problem(turn, f"{where}.{i}", form, late=i > 0 or not first)
        if problem is not None:
            return problem
        turns.append(_turn(turn, form, changes))
    if form.masked and any("weight" in turn for turn in turns):
        for turn in turns:
            if turn["role"] != "assistant":
                turn.setdefault("weight", 0)
    return turns


def _problem(turn: Record, where: str, form: Form, *, late: bool) -> RowProblem | None:
    if turn.get("reasoning_content") and not form.reasoning:
        return uncarried("reasoning_content", f"{where}.reasoning_content")
    if turn.get("name") and not form.names and turn["role"] != "tool":
        return uncarried("speaker_name", f"{where}.name")
    if turn["role"] in SYSTEM and late and not form.late_system:
        return uncarried("late_system_prompt", where)
    if turn.get("weight") not in (None, 0, 1):
        return uncarried("fractional_weight", f"{where}.weight")
    return None


def _turn(turn: Record, form: Form, changes: set[str]) -> Record:
    told: Record = {"role": _role(turn, form, changes)}
    told |= {name: turn[name] for name in MEMBERS if turn.get(name) is not None}
    if turn.get("reasoning_content"):
        told["reasoning_content"] = turn["reasoning_content"]
    if told.get("tool_calls"):
        told["tool_calls"] = [{k: v for k, v in c.items() if v is not None} for c in told["tool_calls"]]
    if told["role"] == "tool" and told.pop("name", None) is not None:
        changes.add("tool_name_left_out")
    weight = turn.get("weight")
    if weight is not None and (told["role"] == "assistant" or weight == 1):
        told["weight"] = int(weight)
    return told


def _role(turn: Record, form: Form, changes: set[str]) -> str:
    if not form.developer:
        return role_of(turn, changes)
    if turn["role"] != "system":
        return turn["role"]
    changes.add("system_to_developer")
    return "developer"


def convert_chat(record: Record, form: Form) -> Converted | RowProblem:
    """A row as one line of chat: messages and tools, nothing else."""
    problem = one_answer(record)
    if problem is not None:
        return problem
    changes: set[str] = set()
    messages = chat_turns(record["messages"], "messages", form, changes)
    if isinstance(messages, RowProblem):
        return messages
    return Converted(with_tools({"messages": messages}, record), tuple(sorted(changes)))


def with_tools(row: Record, record: Record) -> Record:
    """The row, with the record's tool definitions where it has any."""
    return {**row, "tools": record["tools"]} if record.get("tools") else row


def split_pair(
    record: Record, *, several: bool = False
) -> tuple[list[Record], Record, list[Record]] | RowProblem:
    """Prompt, winning answer and losing turns of a preference.

    The winning answer is the last turn; a user's or system's turn before it shows that it is all of it.

    Args:
        record: A record.
        several: Whether the losing answer may be more than one turn.
    """
    rejected = record.get("rejected")
    if not rejected:
        return uncarried("not_a_preference_row")
    if record.get("label") is False:
        return uncarried("negative_label", "label")
    messages = record["messages"]
    if len(messages) < 2 or messages[-1]["role"] != "assistant":
        return uncarried("unclear_prompt", "messages")
    if messages[-2]["role"] not in ("user", *SYSTEM):
        return uncarried("unclear_prompt", "messages")
    if len(rejected) > 1 and not several:
        return uncarried("several_losing_turns", "rejected")
    return messages[:-1], messages[-1], rejected


def convert_pair(record: Record, form: Form, *, several: bool = False) -> Converted | RowProblem:
    """A preference as one line with input, preferred_output and non_preferred_output."""
    pair = split_pair(record, several=several)
    if isinstance(pair, RowProblem):
        return pair
    prompt, winner, losers = pair
    changes: set[str] = set()
    messages = chat_turns(prompt, "messages", form, changes)
    if isinstance(messages, RowProblem):
        return messages
    row: Record = {"input": with_tools({"messages": messages}, record)}
    for name, given in (("preferred_output", [winner]), ("non_preferred_output", losers)):
        turns = _answers(given, name, form, changes)
        if isinstance(turns, RowProblem):
            return turns
        row[name] = turns
    return Converted(row, tuple(sorted(changes)))


def _answers(given: list[Record], where: str, form: Form, changes: set[str]) -> list[Record] | RowProblem:
    """Compared answers: both count by the method itself, and have no weight of their own."""
    turns = chat_turns(given, where, form, changes, first=False)
    if isinstance(turns, RowProblem):
        return turns
    for i, turn in enumerate(turns):
        weight = given[i].get("weight")
        turn.pop("weight", None)
        if weight == 0:
            return uncarried("zero_weight", f"{where}.{i}.weight")
        if weight is not None:
            changes.add("full_weight_left_out")
    return turns


def convert_reference(record: Record, form: Form, member: str) -> Converted | RowProblem:
    """A row as a prompt; the last answer's text becomes the reference that a grader compares with.

    Args:
        record: A record.
        form: The service's form.
        member: The name of the reference.
    """
    problem = one_answer(record)
    if problem is not None:
        return problem
    answer = record["messages"][-1]
    at = f"messages.{len(record['messages']) - 1}"
    told = answer["role"] == "assistant" and not answer.get("tool_calls")
    if not told or not (answer.get("content") or "").strip():
        return uncarried("answer_not_text", at)
    changes: set[str] = set()
    answers = _answers([answer], "messages", Form(names=False), changes)
    if isinstance(answers, RowProblem):
        return RowProblem(answers.code, answers.where.replace("messages.0", at), answers.sentence)
    messages = chat_turns(record["messages"][:-1], "messages", form, changes)
    if isinstance(messages, RowProblem):
        return messages
    row = with_tools({"messages": messages}, record)
    return Converted({**row, member: answer["content"]}, tuple(sorted(changes)))
