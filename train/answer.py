"""What a model said to a question."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Answer:
    """What a model said, and how likely it found the wanted answer.

    Args:
        text: Without special tokens.
        tokens: Number of generated tokens, the stop token included.
        stopped: Whether the model ended its turn itself, rather than hitting the limit.
        reference_loss: Mean negative log-likelihood of the wanted answer, in nats a token; NaN for a hosted
            model, which does not tell it.
    """

    text: str
    tokens: int
    stopped: bool
    reference_loss: float
