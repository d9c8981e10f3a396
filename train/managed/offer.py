"""What a user sees before anything is sent: who gets what, with which settings, at which price."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...curate.export.spend import Meter, Spend
from .epochs import stated_epochs
from .prepare import Prepared
from .service import Plan, Service


@dataclass(frozen=True)
class Offer:
    """What is about to be sent.

    Args:
        destination: Who gets the data.
        run: The run's name.
        model: The provider's base model.
        version: The frozen version.
        files: Split to name, rows, bytes and SHA-256 of its file.
        folder: Where the files are.
        settings: Hyperparameters in the provider's words.
        refused: Reason to rows that the format cannot carry.
        changes: What is told in another way, and in how many rows.
        held_out: Test rows, which stay here.
        spend: Tokens and money as they are known here, as JSON values.
        spend_lines: The same for a person.
        warnings: What a user should know first: a service that closes, a split without rows.
    """

    destination: str
    run: str
    model: str
    version: str
    files: Mapping[str, Mapping[str, Any]]
    folder: str
    settings: Mapping[str, Any]
    refused: Mapping[str, int]
    changes: Mapping[str, int]
    held_out: int
    spend: Mapping[str, Any]
    spend_lines: tuple[str, ...]
    warnings: tuple[str, ...]

    def text(self) -> str:
        """A few lines for a person."""
        settings = ", ".join(f"{name} {value}" for name, value in self.settings.items())
        lines = [
            f"to          {self.destination}",
            f"run         {self.run}, base model {self.model}",
            f"version     {self.version}, exported to {self.folder}",
        ]
        lines += [
            f"{split:<11} {f['name']}: {f['rows']:,} rows, {f['bytes']:,} bytes, SHA-256 {f['sha256'][:12]}"
            for split, f in self.files.items()
        ]
        lines.append(f"settings    {settings or 'none'}; the provider chooses the others")
        if self.refused:
            told = ", ".join(f"{reason} {n:,}" for reason, n in self.refused.items())
            lines.append(f"left out    {sum(self.refused.values()):,} rows ({told}), see refused.jsonl")
        if self.changes:
            lines.append("changed     " + ", ".join(f"{what} {n:,}" for what, n in self.changes.items()))
        lines.append(f"stays here  {self.held_out:,} test rows")
        lines += [f"warning     {warning}" for warning in self.warnings]
        return "\n".join([*lines, *self.spend_lines])


def make_offer(service: Service, plan: Plan, prepared: Prepared, prices: str | Path | None) -> Offer:
    """What a plan sends, from the export's report.

    Args:
        service: The provider.
        plan: The plan.
        prepared: Its export.
        prices: A file of prices in place of the user's own.

    Raises:
        RecipeError: The file is no table of prices.
    """
    report, spend = prepared.report, count(plan, prepared, prices)
    return Offer(
        destination=service.destination(plan),
        run=plan.name,
        model=plan.model,
        version=prepared.version.name,
        files={
            split: {"name": path.name, **prepared.told[split], "sent_as": plan.file_name(split)}
            for split, path in plan.files.items()
        },
        folder=str(prepared.folder),
        settings=plan.settings,
        refused={code: told["rows"] for code, told in report["refused"].items()},
        changes=report["changes"],
        held_out=report["held_out"],
        spend=spend.as_dict(),
        spend_lines=tuple(spend.lines()),
        warnings=tuple(report["warnings"]),
    )


def count(plan: Plan, prepared: Prepared, prices: str | Path | None) -> Spend:
    """Tokens of the files that are sent, and what training on them costs as far as a price is known."""
    epochs = stated_epochs(plan.settings)
    meter = Meter(prepared.target, model=plan.model, epochs=epochs, prices=prices)
    for split, path in plan.files.items():
        if path.suffix == ".jsonl":
            with open(path, encoding="utf-8") as lines:
                for line in lines:
                    meter.add(split, json.loads(line))
    return meter.spend()
