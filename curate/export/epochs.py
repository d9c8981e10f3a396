"""How often a service trains on each row when it is not told."""

from __future__ import annotations

from dataclasses import dataclass

TARGET_EPOCHS = 3
MIN_EXAMPLES, MAX_EXAMPLES = 100, 25_000
MIN_EPOCHS, MAX_EPOCHS = 1, 25


@dataclass(frozen=True)
class Epochs:
    """A number of epochs, and whose it is.

    Args:
        number: None where nothing says it.
        says: One clause for a person.
    """

    number: float | None
    says: str


def openai_epochs(rows: int) -> int:
    """OpenAI's default: three, more for few rows, fewer for many.

    Source: openai-cookbook, Chat_finetuning_data_prep.ipynb, read 2026-11.
    """
    if not rows:
        return TARGET_EPOCHS
    if rows * TARGET_EPOCHS < MIN_EXAMPLES:
        return min(MAX_EPOCHS, MIN_EXAMPLES // rows)
    if rows * TARGET_EPOCHS > MAX_EXAMPLES:
        return max(MIN_EPOCHS, MAX_EXAMPLES // rows)
    return TARGET_EPOCHS


def epochs_of(target: str, rows: int, given: float | None) -> Epochs:
    """The epochs of a job: as given, else the service's default where it is published.

    Args:
        target: The target's name.
        rows: Training rows.
        given: What the user says.
    """
    if given is not None:
        return Epochs(given, f"{given:g} epochs, as given")
    if target == "openai":
        number = openai_epochs(rows)
        return Epochs(number, f"{number} epochs, OpenAI's default for {rows:,} rows by its cookbook")
    if target.startswith("together"):
        return Epochs(1, "1 epoch, the default of together's client 3.1.1")
    return Epochs(None, "one epoch; the number of epochs is not known: tuneset check --epochs N counts them")
