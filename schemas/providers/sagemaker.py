"""Lines of SageMaker JumpStart's fine-tuning files, and every rule with its source and date.

There is no published checker: the training scripts run in AWS's containers. INSTRUCTION is
docs.aws.amazon.com/sagemaker/latest/dg/jumpstart-foundation-models-fine-tuning-instruction-based.html and the
model pages that it names. CHAT is llama-recipes, which the JumpStart scripts for Llama follow: its chat
formatter takes system, user and assistant, starts with the user and alternates. Read in November 2026.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictStr, model_validator

from .problems import HAS_TEXT, Closed, Fails, Rule, broken

_INSTRUCTION = "SageMaker guide, jumpstart-foundation-models-fine-tuning-instruction-based, read 2026-11"
_CHAT = "llama-recipes, chat formatter, which the JumpStart scripts follow, read 2026-11"
_OURS = "not in the format; nothing is learnt from such a turn"

RULES: dict[str, Rule] = {
    "empty_content": Rule("the prompt or a turn has no text", _OURS),
    "empty_answer": Rule("the completion has no text", _OURS, "write the answer, or leave the row out"),
    "first_turn_not_user": Rule("the first turn after the system prompt is not the user's", _CHAT),
    "roles_not_alternating": Rule("two turns in a row have the same role", _CHAT),
    "late_system_prompt": Rule("a system turn stands later than first", _CHAT),
    "last_turn_not_assistant": Rule(
        "the last turn is not the assistant's, so nothing is learnt from it", _CHAT
    ),
    "template_member": Rule(
        "a member is not one of those that template.json names",
        _INSTRUCTION,
        "remove the member, or name it in template.json",
    ),
}


Text = Annotated[StrictStr, Fails(RULES, "empty_content", HAS_TEXT)]


class InstructionRow(BaseModel):
    """One line for instruction tuning: the members that template.json names, and no other."""

    model_config = ConfigDict(extra="allow")
    prompt: Text
    completion: Annotated[StrictStr, Fails(RULES, "empty_answer", HAS_TEXT)]

    @model_validator(mode="after")
    def _fits_the_template(self) -> InstructionRow:
        if self.model_extra:
            raise broken(RULES, "template_member", next(iter(self.model_extra)))
        return self


class DialogTurn(Closed):
    """One turn of a dialog."""

    role: Literal["system", "user", "assistant"]
    content: Text


class DialogRow(Closed):
    """One line for chat tuning."""

    dialog: Annotated[list[DialogTurn], Field(min_length=1)]

    @model_validator(mode="after")
    def _alternates(self) -> DialogRow:
        roles = [turn.role for turn in self.dialog]
        first = int(roles[0] == "system")
        if "system" in roles[1:]:
            raise broken(RULES, "late_system_prompt", f"dialog.{roles.index('system', 1)}")
        if roles[first:][:1] != ["user"]:
            raise broken(RULES, "first_turn_not_user", f"dialog.{min(first, len(roles) - 1)}")
        for i in range(first + 1, len(roles)):
            if roles[i] == roles[i - 1]:
                raise broken(RULES, "roles_not_alternating", f"dialog.{i}")
        if roles[-1] != "assistant":
            raise broken(RULES, "last_turn_not_assistant", f"dialog.{len(roles) - 1}")
        return self
