"""From frozen rows to token rows: which can be trained on, and what to do with the long ones."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from ..schemas.errors import RecipeError
from .chat import ChatFormat, Tokens, Turn, Unusable
from .version import FrozenRow

OverLength = Literal["error", "drop", "truncate_prompt"]
SHOWN_IDS = 10
MAX_CUTS = 10
SENTENCES: dict[str, str] = {
    "label_false": "people marked the answer as bad",
    "preference_row": "preference rows train with a preference method, not with SFT",
    "no_assistant_turn": "no assistant turn",
    "no_prompt": "nothing comes before the assistant's first turn",
    "all_weights_zero": "every assistant turn has weight 0",
    "fractional_weight": "an assistant turn has a weight that is neither 0 nor 1",
    "empty_completion": "an assistant turn is empty",
    "tools_not_rendered": "the base model's chat template ignores tools",
    "tool_calls_not_rendered": "the base model's chat template ignores tool calls",
    "template_refuses": "the base model's chat template refuses the turns",
    "over_length": "longer than max_length",
    "completion_over_length": "the completion alone is longer than max_length",
    "seen_in_training": "the same content was trained on",
}
"""Why a row is left out: code to sentence."""


@dataclass(frozen=True)
class TokenRow:
    """One row, ready to train on."""

    row_id: str
    content_id: str
    tokens: Tokens
    truncated: bool = False


@dataclass
class Selection:
    """The rows of a split that are used, and the others by reason."""

    used: list[TokenRow] = field(default_factory=list)
    left_out: dict[str, list[str]] = field(default_factory=dict)

    def leave_out(self, reason: str, row_id: str) -> None:
        """Record a row that is not used."""
        self.left_out.setdefault(reason, []).append(row_id)

    @property
    def truncated(self) -> list[str]:
        """Rows whose prompt was shortened."""
        return [row.row_id for row in self.used if row.truncated]

    @property
    def longest(self) -> int:
        """Tokens of the longest row that is used."""
        return max((len(row.tokens.input_ids) for row in self.used), default=0)

    def counts(self) -> dict[str, Any]:
        """Counts for manifests: rows, tokens, trained tokens, and rows left out by reason."""
        return {
            "rows": len(self.used),
            "tokens": sum(len(row.tokens.input_ids) for row in self.used),
            "trained_tokens": sum(row.tokens.trained for row in self.used),
            "truncated": self.truncated,
            "left_out": self.left_out,
        }

    def notes(self, split: str) -> list[str]:
        """What was left out or shortened, as lines for people."""
        lines = [
            f"{split}: {len(ids)} rows not used, {SENTENCES[reason]}: {name_some(ids)}"
            for reason, ids in self.left_out.items()
        ]
        if self.truncated:
            lines.append(f"{split}: {len(self.truncated)} prompts shortened: {name_some(self.truncated)}")
        return lines


def name_some(ids: Sequence[str]) -> str:
    """The first ids, and how many more there are."""
    rest = len(ids) - SHOWN_IDS
    return ", ".join(ids[:SHOWN_IDS]) + (f" and {rest} more" if rest > 0 else "")


def usable_for_sft(row: FrozenRow) -> str | None:
    """Why a row must not be a target of supervised training, as a reason code; None if it may.

    A row that people marked as bad, or one that exists for its losing answer, must never be one.
    """
    if row.label is False:
        return "label_false"
    return "preference_row" if row.rejected else None


def select_rows(
    rows: Sequence[FrozenRow], chat: ChatFormat, *, max_length: int, over_length: OverLength
) -> Selection:
    """Tokenise the rows that can be trained on.

    Args:
        rows: Frozen rows of one split.
        chat: The base model's chat format.
        max_length: Most tokens a row.
        over_length: What to do with longer rows; a completion is never cut.

    Raises:
        RecipeError: Rows are too long and the policy is `error`.
        ModelError: The chat template does not fit training.
    """
    selection = Selection()
    for row in rows:
        reason = usable_for_sft(row)
        try:
            if reason is not None:
                raise Unusable(reason)
            tokens, truncated = _fit(row, chat, max_length, over_length)
        except Unusable as refusal:
            selection.leave_out(str(refusal), row.row_id)
            continue
        selection.used.append(TokenRow(row.row_id, row.content_id, tokens, truncated))
    too_long = selection.left_out.get("over_length", [])
    if too_long and over_length == "error":
        raise RecipeError(
            f"{len(too_long)} rows are longer than {max_length} tokens: {name_some(too_long)}",
            where="train.max_length in tuneset.yaml, or the base model's limit",
            fix="raise max_length, or set train.over_length to drop or truncate_prompt",
        )
    return selection


def _fit(row: FrozenRow, chat: ChatFormat, max_length: int, policy: OverLength) -> tuple[Tokens, bool]:
    tokens = chat.tokenize(row.messages, row.tools)
    if len(tokens.input_ids) <= max_length:
        return tokens, False
    if policy != "truncate_prompt":
        raise Unusable("over_length")
    turns = row.messages
    for attempt in range(MAX_CUTS):
        turns = shorten_prompt(turns, chat, len(tokens.input_ids) - max_length + attempt)
        tokens = chat.tokenize(turns, row.tools)
        if len(tokens.input_ids) <= max_length:
            return tokens, True
    raise Unusable("completion_over_length")


def shorten_prompt(turns: Sequence[Turn], chat: ChatFormat, excess: int) -> list[Turn]:
    """Take tokens from the middle of the longest turn that is not the assistant's.

    Args:
        turns: The conversation.
        chat: The base model's chat format.
        excess: Tokens to take away, more than 0.

    Raises:
        Unusable: The prompt has nothing left to give.
    """
    lengths = {
        i: len(chat.encode(turn.get("content") or ""))
        for i, turn in enumerate(turns)
        if turn["role"] != "assistant"
    }
    longest = max(lengths, key=lambda i: lengths[i], default=-1)
    if not lengths.get(longest):
        raise Unusable("completion_over_length")
    ids = chat.encode(turns[longest]["content"])
    keep = max(0, len(ids) - excess)
    head, tail = math.ceil(keep / 2), keep // 2
    kept = ids[:head] + (ids[-tail:] if tail else [])
    content = chat.tokenizer.decode(kept, skip_special_tokens=True)
    shorter = list(turns)
    shorter[longest] = {**turns[longest], "content": content}
    return shorter
