"""Tokens and money of rows that go to a target: rows over its limit, epochs, bill and cost."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from .epochs import Epochs, epochs_of
from .prices import PER_TOKENS, load_prices, prices_of, user_file
from .shape import Target
from .tokens import Counter, Row, find_counter

BATCH_ROWS = 256
_UNPUBLISHED = (
    "tools or images: tools are counted as JSON text and images not at all, "
    "as services do not publish how they count them"
)
QUANTILES = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "max": 1.0}


@dataclass
class _Split:
    likely: array[int] = field(default_factory=lambda: array("I"))
    most: array[int] = field(default_factory=lambda: array("I"))
    unpublished: int = 0
    waiting: list[Row] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    over: list[tuple[int, int]] = field(default_factory=list)
    may_be_over: list[tuple[int, int]] = field(default_factory=list)


class Meter:
    """Counts the tokens of rows as they pass, eight bytes a row.

    Args:
        target: Where they go.
        model: The base model to be tuned, for its tokenizer and price.
        tokenizer: What counts, in place of the target's own; see `tokens.find_counter`.
        epochs: How often each row is trained on; None is the service's default, where it is known.
        prices: A file of prices in place of the user's own.

    Raises:
        RecipeError: A tokenizer that is not at hand, or a file that is no table of prices.
    """

    def __init__(
        self,
        target: Target,
        *,
        model: str | None = None,
        tokenizer: str | None = None,
        epochs: float | None = None,
        prices: str | Path | None = None,
    ) -> None:
        self._target, self._model, self._epochs = target, model, epochs
        self._prices = prices_of(load_prices(prices), target.name, model)
        self.counter: Counter = find_counter(target.tokenizer, model=model, wanted=tokenizer)
        self._splits: dict[str, _Split] = {}

    def add(self, split: str, row: Row, number: int = 0) -> None:
        """One row of a split; its number is told again where it has too many tokens."""
        at = self._splits.get(split)
        if at is None:
            at = self._splits[split] = _Split()
        at.waiting.append(row)
        at.numbers.append(number)
        if len(at.waiting) >= BATCH_ROWS:
            self._count(at)

    def _count(self, split: _Split) -> None:
        rows, split.waiting = split.waiting, []
        numbers, split.numbers = split.numbers, []
        limit = self._target.limits.max_row_tokens
        for number, count in zip(numbers, self.counter.count(rows), strict=True):
            split.likely.append(count.likely)
            split.most.append(count.most)
            split.unpublished += count.unpublished
            if limit is not None and count.most > limit:
                (split.over if self.counter.exact else split.may_be_over).append((number, count.most))

    def spend(self) -> Spend:
        """What was counted so far."""
        for split in self._splits.values():
            self._count(split)
        limit = self._target.limits.max_row_tokens
        train = self._splits.get("train", _Split())
        epochs = epochs_of(self._target.name, len(train.likely), self._epochs)
        tokens = {name: _figures(split, limit) for name, split in self._splits.items()}
        billed = {
            "likely": _billed(train.likely, self._target, epochs),
            "most": _billed(train.most, self._target, epochs),
        }
        return Spend(
            target=self._target.name,
            model=self._model,
            counted=self.counter.name,
            exact=self.counter.exact,
            says=self.counter.says,
            limit=limit,
            splits=tokens,
            local=self._target.state.local,
            epochs=epochs,
            billed=billed,
            prices=tuple(
                {
                    **price.model_dump(),
                    "cost": round(billed["likely"] * price.usd / PER_TOKENS, 4),
                    "cost_at_most": round(billed["most"] * price.usd / PER_TOKENS, 4),
                }
                for price in self._prices
            ),
        )

    def over(self, split: str) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
        """Rows over the limit, and rows that may be, since this was asked last: number and tokens."""
        at = self._splits.get(split, _Split())
        self._count(at)
        told = at.over, at.may_be_over
        at.over, at.may_be_over = [], []
        return told


def _figures(split: _Split, limit: int | None) -> dict[str, Any]:
    likely, most = np.frombuffer(split.likely, np.uint32), np.frombuffer(split.most, np.uint32)
    ranks = {name: max(0, int(np.ceil(q * len(likely))) - 1) for name, q in QUANTILES.items()}
    ordered = np.sort(likely)
    return {
        "rows": len(likely),
        "tokens": int(likely.sum()),
        "tokens_at_most": int(most.sum()),
        "a_row": {name: int(ordered[rank]) for name, rank in ranks.items()} if len(ordered) else {},
        "over_limit": 0 if limit is None else int((likely > limit).sum()),
        "may_be_over_limit": 0 if limit is None else int((most > limit).sum()),
        "rows_with_tools_or_images": split.unpublished,
    }


def _billed(counts: array[int], target: Target, epochs: Epochs) -> int:
    """Tokens that are paid for: a row that is cut counts up to the limit; source: openai-cookbook."""
    limits = target.limits
    tokens = np.frombuffer(counts, np.uint32).astype(np.uint64) if len(counts) else np.zeros(0, np.uint64)
    if limits.max_row_tokens is not None and limits.over_length == "cut":
        tokens = np.minimum(tokens, np.uint64(limits.max_row_tokens))
    return round(int(tokens.sum()) * (epochs.number or 1))


@dataclass(frozen=True)
class Spend:
    """Tokens and money.

    Args:
        target: Where the rows go.
        model: The base model; None where it is not named.
        counted: What counted them.
        exact: Whether they are counted, and not estimated.
        says: How, in one sentence.
        limit: Tokens of one row, where the target has a limit.
        splits: Split to its figures.
        local: Whether the target is a tool on the user's own machine, which bills nothing.
        epochs: How often each training row is trained on.
        billed: Tokens that are paid for, likely and at most, of all epochs.
        prices: Each price that is known, with the cost at it.
    """

    target: str
    model: str | None
    counted: str
    exact: bool
    says: str
    limit: int | None
    splits: dict[str, dict[str, Any]]
    local: bool
    epochs: Epochs
    billed: dict[str, int]
    prices: tuple[dict[str, Any], ...]

    def as_dict(self) -> dict[str, dict[str, Any]]:
        """The members `tokens` and `cost` of a report, as JSON values."""
        tokens = {
            "counted_with": self.counted,
            "exact": self.exact,
            "how": self.says,
            "row_limit": self.limit,
            "splits": self.splits,
        }
        cost = {
            "model": self.model,
            "epochs": self.epochs.number,
            "epochs_rule": self.epochs.says,
            "billed_tokens": self.billed["likely"],
            "billed_tokens_at_most": self.billed["most"],
            "prices": list(self.prices),
            "known": bool(self.prices),
            "local": self.local,
        }
        return {"tokens": tokens, "cost": cost}

    def lines(self) -> list[str]:
        """A few lines for a person; none where there are no rows."""
        if not any(split["rows"] for split in self.splits.values()):
            return []
        lines = [f"tokens: {self.says}"]
        for name, split in self.splits.items():
            lines.append(f"  {name}: {self._total(split)}; a row: {_row(split['a_row'])}{self._over(split)}")
            if split["rows_with_tools_or_images"]:
                lines.append(f"  {split['rows_with_tools_or_images']:,} rows have {_UNPUBLISHED}")
        return lines if self.local else [*lines, f"  {self._billed()}", *self._cost()]

    def _total(self, split: dict[str, Any]) -> str:
        if self.exact:
            return f"{split['tokens']:,}"
        return f"about {split['tokens']:,}, at most {split['tokens_at_most']:,}"

    def _over(self, split: dict[str, Any]) -> str:
        if self.limit is None:
            return ""
        over, may_be = split["over_limit"], split["may_be_over_limit"]
        told = f"{over:,} over the limit of {self.limit:,}"
        return f"; {told}" if self.exact or may_be == over else f"; {told}, {may_be:,} may be"

    def _billed(self) -> str:
        most = "" if self.exact else f", at most {self.billed['most']:,}"
        return f"billed: {self.billed['likely']:,} tokens{most} ({self.epochs.says})"

    def _cost(self) -> list[str]:
        if not self.prices:
            of = f"{self.model} at {self.target}" if self.model else self.target
            where = f"write it into {user_file()}, or name a file by tuneset check --prices"
            return [f"cost: unknown, no price of {of} is known here; {where}"]
        return [_price_line(price, self.exact) for price in self.prices]


def _row(quantiles: dict[str, int]) -> str:
    names = {"p50": "half up to", "p90": "90 % up to", "p99": "99 % up to", "max": "longest"}
    return ", ".join(f"{names[name]} {value:,}" for name, value in quantiles.items())


def _price_line(price: dict[str, Any], exact: bool) -> str:
    most = "" if exact else f", at most {_usd(price['cost_at_most'])}"
    told = f"{price['usd']:g} USD per {price['per']}, read {price['read']}: {price['source']}"
    return f"cost: {price['model']} {_usd(price['cost'])}{most} ({told})"


def _usd(value: float) -> str:
    return f"{value:,.2f} USD" if value >= 0.1 else f"{value:.4f} USD"
