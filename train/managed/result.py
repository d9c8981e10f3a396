"""How a launch stands when its call returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from .offer import Offer


@dataclass(frozen=True)
class LaunchResult:
    """How a launch stands.

    Args:
        run: The run's name.
        service: The provider.
        status: `planned` after a dry run, `declined`, `started` when it was not followed, else the job's.
        folder: `models/RUN`.
        key: The idempotence key.
        files: Split to the file's id at the provider.
        job_id: The job.
        model: The tuned model.
        message: What the provider says, or why it failed.
        offer: What was shown before.
        calls: The calls of a dry run.
    """

    run: str
    service: str
    status: str
    folder: Path
    key: str
    files: Mapping[str, str] = field(default_factory=dict)
    job_id: str | None = None
    model: str | None = None
    message: str = ""
    offer: Offer | None = None
    calls: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "folder": str(self.folder)}
