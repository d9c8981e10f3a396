"""The names of the files in a workspace."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .errors import WorkspaceError


@dataclass(frozen=True)
class Workspace:
    """Paths of one workspace folder; nothing is created by asking."""

    root: Path

    @classmethod
    def at(cls, folder: str | Path) -> Workspace:
        """The workspace at a folder that need not exist yet."""
        return cls(Path(folder))

    @property
    def recipe(self) -> Path:
        return self.root / "tuneset.yaml"

    @property
    def rows(self) -> Path:
        return self.root / "rows.parquet"

    @property
    def quarantine(self) -> Path:
        return self.root / "quarantine.jsonl"

    @property
    def edits(self) -> Path:
        return self.root / "edits.parquet"

    @property
    def verdicts(self) -> Path:
        return self.root / "verdicts.parquet"

    @property
    def measures(self) -> Path:
        return self.root / "measures"

    @property
    def run_card(self) -> Path:
        return self.root / "run.json"

    @property
    def report(self) -> Path:
        return self.root / "report.html"

    @property
    def review_db(self) -> Path:
        return self.root / "review.db"

    @property
    def quality_model(self) -> Path:
        return self.root / "quality" / "model.json"

    @property
    def quality_queue(self) -> Path:
        return self.root / "quality" / "queue.parquet"

    @property
    def lock(self) -> Path:
        return self.root / ".lock"

    @property
    def stopped(self) -> Path:
        """The workspace of a run that a guard rail did not let through."""
        return self.root / "stopped"

    def version(self, name: str) -> Path:
        return self.root / "versions" / name

    def export(self, name: str) -> Path:
        return self.root / "exports" / name

    def model(self, name: str) -> Path:
        return self.root / "models" / name

    def evaluation(self, name: str) -> Path:
        return self.root / "evals" / name

    def versions(self) -> list[str]:
        """Names of the frozen versions, oldest name first."""
        return _finished(self.root / "versions", "manifest.json")

    def models(self) -> list[str]:
        """Names of the trained models."""
        return _finished(self.root / "models", "manifest.json")

    def require_run(self) -> Workspace:
        """Itself, when a finished curation is there.

        Raises:
            WorkspaceError: No run card in the folder.
        """
        if not self.run_card.is_file() and Workspace(self.stopped).run_card.is_file():
            raise WorkspaceError(
                f"{str(self.root)!r} holds no finished run: a guard rail stopped it",
                where=str(self.stopped),
                fix=f"look: tuneset report {self.stopped}; then curate again, or with --accept-drops",
            )
        if not self.run_card.is_file():
            raise WorkspaceError(
                f"{str(self.root)!r} holds no finished run (no run.json)",
                where=str(self.root),
                fix=f"run: tuneset curate INPUT... -o {self.root}",
            )
        return self


def _finished(folder: Path, mark: str) -> list[str]:
    if not folder.is_dir():
        return []
    return sorted(p.name for p in folder.iterdir() if (p / mark).is_file())
