"""Places in a row, as findings name them: `messages.2.tool_calls.0.id`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Place:
    """A member that is there, or could be.

    Args:
        row: The row as a whole.
        parent: The object or list that holds it.
        key: Its name or position there.
        above: What holds the parent, from the row on.
    """

    row: dict[str, Any]
    parent: Any
    key: str | int
    above: tuple[Any, ...]

    @property
    def there(self) -> bool:
        if isinstance(self.parent, dict):
            return self.key in self.parent
        return isinstance(self.key, int) and self.key < len(self.parent)

    @property
    def value(self) -> Any:
        return self.parent[self.key] if self.there else None

    def put(self, value: Any) -> None:
        self.parent[self.key] = value


def find(row: dict[str, Any], where: str) -> Place | None:
    """The place that a finding names; None where the row has no such place."""
    value: Any = row
    above: list[Any] = []
    rest = where
    while rest:
        key, rest = _step(value, rest)
        if key is None:
            return None
        if not rest:
            return Place(row, value, key, tuple(above))
        above.append(value)
        known = key in value if isinstance(value, dict) else isinstance(key, int) and key < len(value)
        if not known:
            return None
        value = value[key]
    return None


def _step(value: Any, rest: str) -> tuple[str | int | None, str]:
    """The next key, and what follows; a key may itself hold dots."""
    first, _, following = rest.partition(".")
    if isinstance(value, list):
        return (int(first), following) if first.isdigit() else (None, "")
    if isinstance(value, dict):
        return (rest, "") if rest in value else (first, following)
    return None, ""
