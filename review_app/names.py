"""Names of groups and pairs, made from what their rows hold."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence


def item_names(kind: str, items: Iterable[Sequence[str]]) -> Iterator[str]:
    """A name for each item: the kind and a hash of its rows' content_ids, in any order.

    The same rows give the same name in another run. Items that hold the same contents get `~2`, `~3`.

    Args:
        kind: `group` or `pair`.
        items: The content_ids of each item's rows.
    """
    seen: dict[str, int] = {}
    for contents in items:
        digest = hashlib.blake2b("\n".join([kind, *sorted(contents)]).encode(), digest_size=12).hexdigest()
        name = f"{kind}:{digest}"
        seen[name] = seen.get(name, 0) + 1
        yield name if seen[name] == 1 else f"{name}~{seen[name]}"
