"""Lines of Azure OpenAI (Foundry) fine-tuning files: OpenAI's lines, and a few rules of Azure's own.

DPO and RFT are learn.microsoft.com, Foundry, how-to/fine-tuning-direct-preference-optimization and
how-to/reinforcement-fine-tuning; SKILL is microsoft/azure-skills, dataset-formats.md; ISSUE is
microsoft-foundry/fine-tuning, issue 23 (2026-03-06). All read in November 2026.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import Discriminator, model_validator

from .openai import PREFERENCE_RULES as OPENAI_PREFERENCE_RULES
from .openai import REINFORCEMENT_RULES, RULES, ChatRow, PromptInput, ReinforcementRow
from .openai_turns import Answer, ToolTurn
from .problems import Closed, Rule, broken
from .turn_rules import calls_match

_DPO = "learn.microsoft.com, Foundry, how-to/fine-tuning-direct-preference-optimization, read 2026-11"
_SKILL = "microsoft/azure-skills, finetuning/references/dataset-formats.md, read 2026-11"
_ISSUE = "microsoft-foundry/fine-tuning, issue 23 of 2026-03-06, read 2026-11"

_OWN = {
    "no_user": Rule("no turn is the user's", _SKILL, "add the user's turn, or leave the row out"),
    "call_beside_assistant": Rule(
        "two assistant turns stand in a row, and one of them calls tools "
        "(Azure's own message is 'contains invalid schema', without a line)",
        _ISSUE,
        "join the two turns: text and calls may stand in one",
    ),
}
AZURE_RULES: dict[str, Rule] = {**RULES, **_OWN}
AZURE_PREFERENCE_RULES: dict[str, Rule] = {
    **{code: rule for code, rule in OPENAI_PREFERENCE_RULES.items() if code != "not_one_answer"},
    "no_answer": Rule(
        "the better or the worse answer has no assistant turn", _DPO, "give an assistant turn as each answer"
    ),
    "call_beside_assistant": _OWN["call_beside_assistant"],
}
AZURE_REINFORCEMENT_RULES: dict[str, Rule] = {
    **REINFORCEMENT_RULES,
    "call_beside_assistant": _OWN["call_beside_assistant"],
}


class AzureChatRow(ChatRow):
    """One line of a supervised fine-tuning file."""

    @model_validator(mode="after")
    def _azure(self) -> AzureChatRow:
        if all(turn.role != "user" for turn in self.messages):
            raise broken(AZURE_RULES, "no_user", "messages")
        calls_stand_alone(self.messages, "messages")
        return self


class AzurePreferenceRow(Closed):
    """One line of a preference file; an answer may be several turns of the assistant and its tools."""

    input: PromptInput
    preferred_output: list[Annotated[Answer | ToolTurn, Discriminator("role")]]
    non_preferred_output: list[Annotated[Answer | ToolTurn, Discriminator("role")]]

    @model_validator(mode="after")
    def _azure(self) -> AzurePreferenceRow:
        calls_match(self.input.messages, self.input.tools, "input.messages", ends=False)
        calls_stand_alone(self.input.messages, "input.messages")
        for name in ("preferred_output", "non_preferred_output"):
            turns: list[Any] = getattr(self, name)
            if all(turn.role != "assistant" for turn in turns):
                raise broken(AZURE_PREFERENCE_RULES, "no_answer", name)
            calls_match(turns, self.input.tools, name)
            calls_stand_alone(turns, name)
        return self


class AzureReinforcementRow(ReinforcementRow):
    """One line of a reinforcement file."""

    @model_validator(mode="after")
    def _azure(self) -> AzureReinforcementRow:
        calls_stand_alone(self.messages, "messages")
        return self


def calls_stand_alone(turns: Sequence[Any], where: str) -> None:
    """No assistant turn that calls tools stands beside another assistant turn.

    Raises:
        PydanticCustomError: One does.
    """
    for i in range(1, len(turns)):
        pair = turns[i - 1 : i + 1]
        if all(turn.role == "assistant" for turn in pair) and any(turn.tool_calls for turn in pair):
            raise broken(AZURE_RULES, "call_beside_assistant", f"{where}.{i}")
