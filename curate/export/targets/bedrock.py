"""Versions as Amazon Bedrock's customisation files."""

from __future__ import annotations

from collections.abc import Callable

from ....schemas.providers.bedrock import RULES, ClaudeRow, DistillationRow, LlamaRow, PairRow, RftRow
from ....schemas.providers.converse import VERSION
from ....schemas.providers.nova import Nova2Row, NovaPreferenceRow, NovaRow
from ....schemas.providers.problems import RowProblem
from ..bedrock_script import JOB_SCRIPT, RFT_SCRIPT
from ..converse import converse_turns, tool_config
from ..plain_turns import PlainTurn, plain_turns, question_and_answer, texts_of
from ..record_kinds import one_answer, one_pair
from ..shape import SYSTEM, Carries, Converted, Limits, Record, State, Target, uncarried

Convert = Callable[[Record], Converted | RowProblem]


def _converted(row: Record, changes: set[str]) -> Converted:
    return Converted(row, tuple(sorted(changes)))


def _good(convert: Callable[[Record, set[str]], Record | RowProblem]) -> Convert:
    """A conversion of records that are one good answer."""

    def checked(record: Record) -> Converted | RowProblem:
        problem = one_answer(record)
        if problem is not None:
            return problem
        changes: set[str] = set()
        row = convert(record, changes)
        return row if isinstance(row, RowProblem) else _converted(row, changes)

    return checked


def _nova(record: Record, changes: set[str]) -> Record | RowProblem:
    row = converse_turns(record, changes, reasoning=False)
    if isinstance(row, RowProblem) or not record.get("tools"):
        return row if isinstance(row, RowProblem) else _line(row)
    return _line({**row, "toolConfig": tool_config(record["tools"], changes)})


def _nova_2(record: Record, changes: set[str]) -> Record | RowProblem:
    if record.get("tools"):
        return RowProblem("tools_unsupported", "tools", RULES["tools_unsupported"].sentence)
    row = converse_turns(record, changes, reasoning=True)
    return row if isinstance(row, RowProblem) else _line(row)


def _line(members: Record) -> Record:
    order = ("system", "toolConfig", "messages")
    return {"schemaVersion": VERSION, **{name: members[name] for name in order if name in members}}


def _plain_line(turns: list[PlainTurn]) -> Record:
    system = [{"text": turn.text} for turn in turns if turn.role == "system"]
    spoken = [{"role": t.role, "content": [{"text": t.text}]} for t in turns if t.role != "system"]
    return _line({**({"system": system} if system else {}), "messages": spoken})


def convert_dpo(record: Record) -> Converted | RowProblem:
    """A row whose last turn has the winning and the losing answer as candidates."""
    problem = one_pair(record)
    if problem is not None:
        return problem
    changes: set[str] = set()
    turns, lost = plain_turns(record, changes), texts_of(record["rejected"], "rejected", changes)
    if isinstance(turns, RowProblem):
        return turns
    if isinstance(lost, RowProblem):
        return lost
    if lost[0].role != "assistant":
        return uncarried("unclear_prompt", "rejected.0")
    row = _plain_line(turns[:-1])
    answers = (("preferred", turns[-1].text), ("non-preferred", lost[0].text))
    candidates = [{"content": [{"text": text}], "preferenceLabel": label} for label, text in answers]
    row["messages"].append({"role": "assistant", "candidates": candidates})
    return _converted(row, changes)


def _claude(record: Record, changes: set[str]) -> Record | RowProblem:
    turns = plain_turns(record, changes)
    if isinstance(turns, RowProblem):
        return turns
    messages = [{"role": turn.role, "content": turn.text} for turn in turns if turn.role != "system"]
    system = {"system": turns[0].text} if turns[0].role == "system" else {}
    return {**system, "messages": messages}


def _llama(record: Record, changes: set[str]) -> Record | RowProblem:
    turns = plain_turns(record, changes)
    return turns if isinstance(turns, RowProblem) else _plain_line(turns)


def _pair(record: Record, changes: set[str]) -> Record | RowProblem:
    turns = question_and_answer(record, RULES, changes)
    return turns if isinstance(turns, RowProblem) else {"prompt": turns[0].text, "completion": turns[1].text}


def _distillation(record: Record, changes: set[str]) -> Record | RowProblem:
    """A prompt, with its answer where there is one: the teacher answers the others."""
    if [turn["role"] for turn in record["messages"] if turn["role"] not in SYSTEM] == ["user"]:
        return _llama(record, changes)
    turns = question_and_answer(record, RULES, changes, system=True)
    return turns if isinstance(turns, RowProblem) else _plain_line(turns)


def _rft(record: Record, changes: set[str]) -> Record | RowProblem:
    """The prompt, and the last answer as what the grader compares with."""
    messages = record["messages"]
    if messages[-1]["role"] != "assistant":
        at = f"messages.{len(messages) - 1}"
        return RowProblem("last_turn_not_assistant", at, RULES["last_turn_not_assistant"].sentence)
    turns = plain_turns(record, changes)
    if isinstance(turns, RowProblem):
        return turns
    prompt = [{"role": turn.role, "content": turn.text} for turn in turns[:-1]]
    return {"messages": prompt, "reference_answer": turns[-1].text}


_GUIDE = "docs.aws.amazon.com/bedrock/latest/userguide"
OPEN = State("open", f"{_GUIDE}/custom-model-fine-tuning.html, read 2026-11")
_NO_TITAN = "no Titan Text model is in the list of models that can be customised"
_CHECKERS = "aws-samples/amazon-bedrock-samples, custom-models, read 2026-11"
_NOVA_LIMITS = "amazon-nova-samples, nova_ft_dataset_validator.py, read 2026-11"
GIGABYTE = 1024**3


def _target(name: str, summary: str, model: type, convert: Convert, limits: Limits, **more: object) -> Target:
    told = {"carries": Carries(), "state": OPEN, "sidecars": (JOB_SCRIPT,), **more}
    return Target(name, "bedrock", summary, model, RULES, convert, limits=limits, **told)  # pyright: ignore[reportArgumentType]


TARGETS = (
    _target(
        "bedrock-nova",
        "Amazon Nova 1 (Micro, Lite, Pro) on Bedrock, Converse lines",
        NovaRow,
        _good(_nova),
        Limits(8, 20_000, source=_NOVA_LIMITS),
        carries=Carries(tools=True),
    ),
    _target(
        "bedrock-nova-2",
        "Amazon Nova 2 Lite on Bedrock, Converse lines with reasoning",
        Nova2Row,
        _good(_nova_2),
        Limits(200, 20_000, 0, source=f"{_NOVA_LIMITS}; {_GUIDE}/nova-2-sft-data-prep.html"),
        carries=Carries(reasoning=True),
    ),
    _target(
        "bedrock-nova-dpo",
        "Amazon Nova 1 preference optimisation, Converse lines with candidates",
        NovaPreferenceRow,
        convert_dpo,
        Limits(8, 20_000, source=_NOVA_LIMITS),
        kinds=frozenset({"preference"}),
    ),
    _target(
        "bedrock-claude",
        "Anthropic Claude 3 Haiku on Bedrock, messages of text",
        ClaudeRow,
        _good(_claude),
        Limits(32, 10_000, 1_000, 10 * GIGABYTE, 32_000, "refused", _CHECKERS),
    ),
    _target(
        "bedrock-llama",
        "Meta Llama 3.2 and 3.3 on Bedrock, Converse lines",
        LlamaRow,
        _good(_llama),
        Limits(None, 10_000, 1_000, None, 16_000, source=_CHECKERS),
    ),
    _target(
        "bedrock-llama-3-1",
        "Meta Llama 3.1 on Bedrock, prompt and completion",
        PairRow,
        _good(_pair),
        Limits(None, 10_000, 1_000, None, 16_000, source=_CHECKERS),
        carries=Carries(system=False, turns=False),
    ),
    _target(
        "bedrock-titan",
        "Amazon Titan Text on Bedrock, prompt and completion",
        PairRow,
        _good(_pair),
        Limits(max_row_tokens=4_096, source=f"{_GUIDE}/model-customization-prepare.html, read 2026-11"),
        carries=Carries(system=False, turns=False),
        state=State("closed", f"{_GUIDE}/custom-model-fine-tuning.html, read 2026-11", _NO_TITAN),
    ),
    _target(
        "bedrock-distillation",
        "model distillation on Bedrock, prompts with or without answers",
        DistillationRow,
        _good(_distillation),
        Limits(100, None, 0, GIGABYTE, source=_CHECKERS),
        carries=Carries(turns=False),
    ),
    _target(
        "bedrock-rft",
        "reinforcement fine-tuning of open-weight models on Bedrock, prompts with reference answers",
        RftRow,
        _good(_rft),
        Limits(100, 20_000, source=f"{_GUIDE}/rft-prepare-data-open-weight.html, read 2026-11"),
        state=State("open", f"{_GUIDE}/rft-prepare-data-open-weight.html, read 2026-11"),
        sidecars=(RFT_SCRIPT,),
    ),
)
