"""Render a conversation with the model's own chat template, and mask what is not to be learnt.

The template is applied by the tokenizer; the mask is ours. The tokens of an assistant turn up to and
including its end token carry loss, everything else does not. The prompt has the same tokens in training
as when the model is asked: no token reaches over the border between a prompt and its completion.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..schemas.errors import ModelError
from ..schemas.template_turn import for_template

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

    Tokenizer = PreTrainedTokenizerBase

Turn = dict[str, Any]
IGNORED = -100


class Unusable(Exception):
    """A row that cannot be trained on; the argument is the reason's code."""


@dataclass(frozen=True)
class Tokens:
    """A tokenised conversation: `labels` is IGNORED wherever nothing is learnt."""

    input_ids: list[int]
    labels: list[int]

    @property
    def trained(self) -> int:
        """Number of tokens that carry loss."""
        return sum(label != IGNORED for label in self.labels)


class ChatFormat:
    """A tokenizer's chat template with the tokens that end a turn.

    Args:
        tokenizer: A tokenizer with a chat template.
        stop_ids: Tokens at which generation stops; at least one.

    Raises:
        ModelError: The tokenizer has no chat template.
    """

    def __init__(self, tokenizer: Tokenizer, stop_ids: Sequence[int]) -> None:
        if not tokenizer.chat_template:
            raise ModelError(
                "the base model has no chat template",
                where=str(tokenizer.name_or_path),
                fix="use an instruction-tuned base model, such as smollm2-135m-instruct",
            )
        self.tokenizer = tokenizer
        self.stop_ids = tuple(stop_ids)

    def render(self, turns: Sequence[Turn], tools: list[Any] | None = None, *, ask: bool = False) -> str:
        """The conversation as text; with `ask`, up to where the assistant's next turn begins.

        Raises:
            Unusable: The template refuses these turns.
        """
        import jinja2

        try:
            return str(
                self.tokenizer.apply_chat_template(
                    [for_template(turn) for turn in turns],
                    tools=tools,
                    tokenize=False,
                    add_generation_prompt=ask,
                )
            )
        except (jinja2.TemplateError, TypeError, KeyError, IndexError) as error:
            raise Unusable("template_refuses") from error

    def encode(self, text: str) -> list[int]:
        """Tokens of rendered text; the template has put the special ones there already."""
        return list(self.tokenizer(text, add_special_tokens=False)["input_ids"])

    def prompt_ids(self, turns: Sequence[Turn], tools: list[Any] | None = None) -> list[int]:
        """Tokens of a prompt, ready for the assistant's answer.

        Raises:
            Unusable: The template refuses these turns, or ignores the tools.
        """
        self._check_tools(turns, tools)
        return self.encode(self.render(turns, tools, ask=True))

    def completion_ids(self, turns: Sequence[Turn], index: int, tools: list[Any] | None = None) -> list[int]:
        """Tokens of the assistant turn at `index`, up to and including its end token.

        Raises:
            Unusable: The turn is empty or the template drops its tool calls.
            ModelError: The template renders a prefix of the conversation differently, or ends a turn
                without a token at which generation stops.
        """
        before, text = self._split_at(turns, index, tools)
        return self._cut_at_stop(self._extend(self.encode(before), before, text))

    def tokenize(self, turns: Sequence[Turn], tools: list[Any] | None = None) -> Tokens:
        """A whole conversation with its mask; it ends with the last token that is learnt.

        Turns of weight 0 are context only.

        Raises:
            Unusable: Nothing in this row can be learnt; the code says why.
            ModelError: The template does not fit training; see `completion_ids`.
        """
        trained = trained_turns(turns)
        self._check_tools(turns, tools)
        input_ids: list[int] = []
        labels: list[int] = []
        rendered = ""
        for index in trained:
            before, text = self._split_at(turns, index, tools)
            if not before.startswith(rendered):
                raise self._unstable(index)
            context = self._extend(input_ids, rendered, before[len(rendered) :])
            input_ids += context
            whole = self._extend(input_ids, before, text)
            completion = self._cut_at_stop(whole)
            input_ids += whole
            labels += [IGNORED] * len(context) + completion + [IGNORED] * (len(whole) - len(completion))
            rendered = before + text
        while labels[-1] == IGNORED:
            labels.pop()
            input_ids.pop()
        return Tokens(input_ids, labels)

    def _extend(self, ids: list[int], text: str, more: str) -> list[int]:
        """Tokens of `more` where it follows `text`, whose tokens are `ids` and stay as they are."""
        both = self.encode(text + more)
        return both[len(ids) :] if both[: len(ids)] == ids else self.encode(more)

    def _split_at(self, turns: Sequence[Turn], index: int, tools: list[Any] | None) -> tuple[str, str]:
        """The rendered prompt of the assistant turn at `index`, and the rendered turn."""
        turn = turns[index]
        check_content(turn)
        before = self.render(turns[:index], tools, ask=True)
        after = self.render(turns[: index + 1], tools)
        if not after.startswith(before):
            raise self._unstable(index)
        text = after[len(before) :]
        names = [call["function"]["name"] for call in turn.get("tool_calls") or []]
        if any(name not in text for name in names):
            raise Unusable("tool_calls_not_rendered")
        return before, text

    def _cut_at_stop(self, ids: list[int]) -> list[int]:
        ends = [position for position, token in enumerate(ids) if token in self.stop_ids]
        if not ends:
            raise ModelError(
                "the chat template ends an assistant turn without a stop token, so a model trained with it"
                " would never stop",
                where=str(self.tokenizer.name_or_path),
                fix="use a base model whose eos_token ends its assistant turns",
            )
        return ids[: ends[-1] + 1]

    def _check_tools(self, turns: Sequence[Turn], tools: list[Any] | None) -> None:
        if tools and self.render(turns, tools) == self.render(turns):
            raise Unusable("tools_not_rendered")

    def _unstable(self, index: int) -> ModelError:
        return ModelError(
            f"the chat template renders the turns before turn {index + 1} differently once it follows, so"
            " training would not match use",
            where=str(self.tokenizer.name_or_path),
            fix="use a base model whose template keeps earlier turns as they are, or one-turn rows",
        )


def trained_turns(turns: Sequence[Turn]) -> list[int]:
    """Positions of the assistant turns that carry loss.

    Raises:
        Unusable: There is none, it opens the conversation, or a weight is neither 0 nor 1.
    """
    assistant = [i for i, turn in enumerate(turns) if turn["role"] == "assistant"]
    if not assistant:
        raise Unusable("no_assistant_turn")
    weights = {i: turns[i].get("weight") for i in assistant}
    if any(weight not in (None, 0, 1) for weight in weights.values()):
        raise Unusable("fractional_weight")
    trained = [i for i in assistant if weights[i] != 0]
    if not trained:
        raise Unusable("all_weights_zero")
    if not any(turn["role"] not in ("system", "developer") for turn in turns[: trained[0]]):
        raise Unusable("no_prompt")
    return trained


def check_content(turn: Turn) -> None:
    """Refuse an assistant turn that says nothing and calls nothing.

    Raises:
        Unusable: The turn is empty.
    """
    if not (turn.get("content") or "").strip() and not turn.get("tool_calls"):
        raise Unusable("empty_completion")
