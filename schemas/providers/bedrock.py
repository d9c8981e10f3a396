"""Lines of Amazon Bedrock's customisation files: Nova, Claude, Llama, Titan, distillation, open-weight RFT.

CLAUDE, LLAMA and DISTILLATION are AWS's own checkers in aws-samples/amazon-bedrock-samples at 85fba9d
(custom-models: claude-haiku/DataValidation/data_validation.py, meta-llama/dataset_validation,
model_distillation/dataset-validation); COOKBOOK is Anthropic's Finetuning Claude 3 Haiku on Bedrock; the rest
is the Bedrock user guide. All read in November 2026. Nova's rows are in `nova`, and what
Converse lines share in `converse`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictStr, model_validator

from .converse import ABSENT, Image, SystemBlock
from .converse_checks import broke, check_order, check_system
from .converse_rules import CONVERSE_RULES
from .problems import HAS_TEXT, Closed, Fails, Rule, broken

_CLAUDE = "amazon-bedrock-samples, claude-haiku/DataValidation/data_validation.py, read 2026-11"
_RFT = "docs.aws.amazon.com/bedrock/latest/userguide/rft-prepare-data-open-weight.html, read 2026-11"
_OURS = "not in the format; nothing is learnt from such a turn"

RULES: dict[str, Rule] = {
    **CONVERSE_RULES,
    "reserved_keyword": Rule(
        "a text has a line that begins with Human: or Assistant:, which Claude reserves",
        _CLAUDE,
        "write the speaker's name in another way, or leave the row out",
    ),
    "row_too_long": Rule(
        "the row has more than 32,000 tokens, as AWS estimates them: three characters a token",
        _CLAUDE,
        "shorten the row, or leave it out",
    ),
    "no_user": Rule("no turn is the user's", _RFT, "add the question, or leave the row out"),
    "last_turn_not_user": Rule(
        "the prompt does not end with the user's turn",
        _RFT,
        "end the prompt with the question, and put the answer into reference_answer",
    ),
    "empty_answer": Rule(
        "the completion or the reference answer has no text", _OURS, "write the answer, or leave the row out"
    ),
}

CLAUDE_TOKENS = 32_000
CHARACTERS_A_TOKEN = 3
_RESERVED = ("\nHuman:", "\nAssistant:")


Text = Annotated[StrictStr, Fails(RULES, "empty_content", HAS_TEXT)]
Answer = Annotated[StrictStr, Fails(RULES, "empty_answer", HAS_TEXT)]
OneSystem = Annotated[list[SystemBlock], Field(min_length=1, max_length=1)]


class ClaudeTurn(Closed):
    """One turn of a row for Claude."""

    role: Literal["user", "assistant"]
    content: Text


class ClaudeRow(Closed):
    """One line for Claude 3 Haiku: texts alone, the system prompt beside the turns."""

    system: Text = ""
    messages: Annotated[list[ClaudeTurn], Field(min_length=1)]

    @model_validator(mode="after")
    def _follows_the_rules(self) -> ClaudeRow:
        check_order([turn.role for turn in self.messages])
        tokens = len(self.system) // CHARACTERS_A_TOKEN
        _check_reserved(self.system, "system")
        for i, turn in enumerate(self.messages):
            _check_reserved(turn.content, f"messages.{i}.content")
            tokens += len(turn.content) // CHARACTERS_A_TOKEN
        if tokens > CLAUDE_TOKENS:
            raise broken(RULES, "row_too_long", "messages")
        return self


def _check_reserved(text: str, at: str) -> None:
    if any(word in text for word in _RESERVED):
        raise broken(RULES, "reserved_keyword", at)


class LlamaBlock(Closed):
    """A block of content for Llama: text or, of the user, an image."""

    text: Text = ABSENT
    image: Image = ABSENT


class LlamaTurn(Closed):
    """One turn of a row for Llama."""

    role: Literal["user", "assistant"]
    content: Annotated[list[LlamaBlock], Field(min_length=1)]


class LlamaRow(Closed):
    """One line for Llama 3.2 and 3.3: Converse turns without tools."""

    schemaVersion: Literal["bedrock-conversation-2024"]
    system: OneSystem = ABSENT
    messages: Annotated[list[LlamaTurn], Field(min_length=1)]

    @model_validator(mode="after")
    def _follows_the_rules(self) -> LlamaRow:
        check_system(self.system or ())
        check_order([turn.role for turn in self.messages])
        for i, turn in enumerate(self.messages):
            for k, block in enumerate(turn.content):
                at = f"messages.{i}.content.{k}"
                if (block.text is None) == (block.image is None):
                    raise broke("block_of_no_kind", at)
                if block.image is not None and turn.role != "user":
                    raise broke("block_of_other_role", f"{at}.image")
        return self


class PairRow(Closed):
    """One line for Llama 3.1 and Titan Text: a prompt and its completion."""

    prompt: Text
    completion: Answer


class DistillationBlock(Closed):
    """The one block of a turn; `type` is allowed and means nothing."""

    text: Text
    type: StrictStr = ABSENT


class DistillationTurn(Closed):
    """A prompt, or the answer that is wanted."""

    role: Literal["user", "assistant"]
    content: Annotated[list[DistillationBlock], Field(min_length=1, max_length=1)]


class DistillationRow(Closed):
    """One line for model distillation: a prompt and, where there is one, the answer."""

    schemaVersion: Literal["bedrock-conversation-2024"]
    system: OneSystem = ABSENT
    messages: Annotated[list[DistillationTurn], Field(min_length=1, max_length=2)]

    @model_validator(mode="after")
    def _follows_the_rules(self) -> DistillationRow:
        check_system(self.system or ())
        roles = [turn.role for turn in self.messages]
        check_order([*roles, "assistant"] if len(roles) == 1 else roles)
        return self


class PromptTurn(Closed):
    """A turn of the prompt that the model under training answers."""

    role: Literal["system", "user", "assistant"]
    content: Text


class RftRow(BaseModel):
    """One line for reinforcement fine-tuning of open-weight models; graders may read further members."""

    model_config = ConfigDict(extra="allow")
    messages: Annotated[list[PromptTurn], Field(min_length=1)]
    id: Text = ABSENT
    reference_answer: Answer | Annotated[dict[str, Any], Field(min_length=1)]

    @model_validator(mode="after")
    def _asks_something(self) -> RftRow:
        if all(turn.role != "user" for turn in self.messages):
            raise broken(RULES, "no_user", "messages")
        if self.messages[-1].role != "user":
            raise broken(RULES, "last_turn_not_user", f"messages.{len(self.messages) - 1}")
        return self
