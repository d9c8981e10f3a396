"""The guidelines: versions of a text that are never changed; each decision names the one that held."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from ..schemas.example import canonical_json
from .store import Draft, Store
from .store_engines.connection import check_text


@dataclass(frozen=True, slots=True)
class Guideline:
    """One version of the guidelines."""

    version: int
    at: str
    actor: str
    text: str


def versions(store: Store) -> list[Guideline]:
    """Every version, newest first."""
    with store.db.speaking():
        found = store.db.rows("SELECT version, at, actor, text FROM guideline ORDER BY version DESC")
    return [Guideline(r["version"], r["at"], r["actor"], r["text"]) for r in found]


def newest(store: Store) -> Guideline | None:
    """The version that holds, or None when none was written."""
    found = versions(store)
    return found[0] if found else None


def newest_number(store: Store) -> int | None:
    """The number of the version that holds."""
    return store.db.rows("SELECT max(version) AS version FROM guideline")[0]["version"]


def write(store: Store, text: str, *, by: str) -> int:
    """Add a version; its number. The text that holds already adds nothing."""
    check_text(text, "the guidelines")
    with store.transaction() as now:
        last = newest(store)
        if last is not None and last.text == text:
            return last.version
        version = last.version + 1 if last else 1
        digest = hashlib.sha256(text.encode()).hexdigest()
        store.db.run(
            "INSERT INTO guideline (version, at, actor, sha256, text)"
            " VALUES (:version, :at, :actor, :sha256, :text)",
            {"version": version, "at": now, "actor": by, "sha256": digest, "text": text},
        )
        value = canonical_json({"version": version, "sha256": digest})
        store.append_many([Draft("guideline", task="admin", value=value)], actor=by)
    return version
