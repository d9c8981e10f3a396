"""What a language model says of one assistant turn."""

from __future__ import annotations

import math
from dataclasses import dataclass

PROBLEMS: dict[str, str] = {
    "empty_answer": "The turn says nothing and calls nothing.",
    "template_refuses": "The model's chat template refuses the conversation, or leaves the turn out.",
    "answer_too_long": "The answer alone is longer than the model, or the limit, allows.",
}
"""Why a turn has no score."""


@dataclass(frozen=True)
class TurnScore:
    """How well a language model foresees an answer, with its prompt and without.

    Args:
        turn: The turn's position in the conversation, from 0.
        tokens: Tokens of the answer; its end token is not among them.
        cut: Tokens of the prompt that were left out, the earliest ones, since all did not fit.
        nll: Mean negative log-likelihood of the answer's tokens after the prompt, in nats a token.
        nll_alone: The same where the answer is all there is.
        problem: A code of PROBLEMS where there is no score.
    """

    turn: int
    tokens: int = 0
    cut: int = 0
    nll: float | None = None
    nll_alone: float | None = None
    problem: str | None = None

    @property
    def perplexity(self) -> float | None:
        """Perplexity of the answer after its prompt; at least 1."""
        return None if self.nll is None else math.exp(min(self.nll, 700.0))

    @property
    def ifd(self) -> float | None:
        """Instruction-following difficulty: perplexity with the prompt by perplexity without.

        Below 1 the prompt helps to foresee the answer; at 1 and above it does not, so that answer and prompt
        may not belong together.

        Source: Li et al. 2024, From Quantity to Quality (Cherry LLM, arXiv 2308.12032); as a ratio of
        perplexities in Superfiltering (arXiv 2402.00530), which is used here.
        """
        if self.nll is None or self.nll_alone is None:
            return None
        return math.exp(max(min(self.nll - self.nll_alone, 700.0), -700.0))
