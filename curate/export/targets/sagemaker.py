"""Versions as SageMaker JumpStart's fine-tuning folders."""

from __future__ import annotations

from ....schemas.providers.problems import RowProblem
from ....schemas.providers.sagemaker import RULES, DialogRow, InstructionRow
from ..layout_folders import FolderLines
from ..plain_turns import plain_turns, question_and_answer
from ..record_kinds import one_answer
from ..sagemaker_script import ESTIMATOR, TEMPLATE_FILE
from ..shape import Carries, Converted, Record, State, Target


def convert_instruction(record: Record) -> Converted | RowProblem:
    """A question and its answer, under the names that template.json has."""
    problem = one_answer(record)
    if problem is not None:
        return problem
    changes: set[str] = set()
    turns = question_and_answer(record, RULES, changes)
    if isinstance(turns, RowProblem):
        return turns
    return Converted({"prompt": turns[0].text, "completion": turns[1].text}, tuple(sorted(changes)))


def convert_chat(record: Record) -> Converted | RowProblem:
    """A dialog."""
    problem = one_answer(record)
    if problem is not None:
        return problem
    changes: set[str] = set()
    turns = plain_turns(record, changes)
    if isinstance(turns, RowProblem):
        return turns
    dialog = [{"role": turn.role, "content": turn.text} for turn in turns]
    return Converted({"dialog": dialog}, tuple(sorted(changes)))


OPEN = State("open", "docs.aws.amazon.com/sagemaker/latest/dg/jumpstart-foundation-models.html, read 2026-11")
FOLDERS = FolderLines({"train": "training/train.jsonl", "validation": "validation/validation.jsonl"})
"""A training channel is a folder, and every .jsonl file in it is trained on."""

SAGEMAKER = Target(
    name="sagemaker",
    family="sagemaker",
    summary="SageMaker JumpStart instruction tuning, a folder with template.json",
    model=InstructionRow,
    rules=RULES,
    convert=convert_instruction,
    carries=Carries(system=False, turns=False),
    state=OPEN,
    layout=FOLDERS,
    sidecars=(TEMPLATE_FILE, ESTIMATOR),
)
SAGEMAKER_CHAT = Target(
    name="sagemaker-chat",
    family="sagemaker",
    summary="SageMaker JumpStart chat tuning, dialogs",
    model=DialogRow,
    rules=RULES,
    convert=convert_chat,
    state=OPEN,
    layout=FOLDERS,
    sidecars=(ESTIMATOR,),
)
TARGETS = (SAGEMAKER, SAGEMAKER_CHAT)
