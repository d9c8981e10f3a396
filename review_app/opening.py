"""Open a workspace for review: what the recipe says is applied, and the run's items stand in the queue."""

from __future__ import annotations

import hashlib
from pathlib import Path

from ..curate.ledger import Ledger
from ..curate.recipe import load_recipe
from ..schemas.errors import RecipeError, WorkspaceError
from ..schemas.example import canonical_json
from ..schemas.review_options import ReviewOptions
from ..schemas.workspace import Workspace
from . import guidelines, people, queue
from .filling import Filling
from .items import review_items
from .policy import Policy, read_policy, write_policy
from .store import Store

SHAPE = 1
"""Raised when the same run gives other items than before."""
APPLIED = "recipe"
RECIPE = "recipe"
MAX_GUIDELINES = 1 << 20


def review_options(out: str | Path) -> ReviewOptions:
    """The `review` section of a workspace's recipe; the defaults where there is no recipe.

    Raises:
        RecipeError: `tuneset.yaml` is wrong.
    """
    path = Workspace.at(out).recipe
    return load_recipe(path).review if path.is_file() else ReviewOptions()


def open_queue(store: Store, ledger: Ledger) -> Filling | None:
    """Put the first of a run's items into the queue; nothing is done when all stand there already.

    What the recipe says of the queue holds until an admin says otherwise, and holds again when the recipe
    was changed since.

    Args:
        store: The record.
        ledger: The run.

    Returns:
        What puts the others there (`finish`), for another thread; None when there is nothing to do.

    Raises:
        WorkspaceError: A run that a guard rail stopped.
        RecipeError: `tuneset.yaml` is wrong, or the guidelines cannot be read.
    """
    if ledger.card.guard.stopped:
        raise WorkspaceError(
            f"the run in {str(ledger.workspace.root)!r} was stopped by a guard rail",
            where=str(ledger.workspace.root),
            fix="curate again with a changed recipe or --accept-drops, and review that run",
        )
    _apply(store, review_options(ledger.workspace.root), ledger)
    policy = shared_policy(store)
    key = queue_key(ledger, policy)
    if store.setting(queue.RUN) == key:
        return None
    filling = Filling(review_items(ledger, policy, store.current()), key)
    filling.begin(store)
    return filling


def fill_queue(store: Store, ledger: Ledger) -> bool:
    """Put all of a run's items into the queue, as `open_queue` does; whether it was written."""
    filling = open_queue(store, ledger)
    return filling is not None and filling.finish(store)


def shared_policy(store: Store) -> Policy:
    """The policy that holds, without overlap while there are not two people who review.

    These are the users who may, and everyone who did.
    """
    policy = read_policy(store)
    reviewers = {person.name for person in people.people(store) if person.may("reviewer")}
    with store.db.speaking():
        reviewers |= {row["actor"] for row in store.db.rows("SELECT DISTINCT actor FROM vote")}
    return policy if len(reviewers) > 1 else policy.model_copy(update={"overlap_ratio": 0.0})


def queue_key(ledger: Ledger, policy: Policy) -> str:
    """Names what a queue depends on: the run's files, the policy, and the queue that was learned."""
    learned = ledger.workspace.quality_queue
    told = learned.stat() if policy.order == "uncertainty" and learned.is_file() else None
    parts = {
        "shape": SHAPE,
        "files": ledger.card.files,
        "policy": policy.model_dump(include={"order", "overlap_ratio", "seed"}),
        "learned": [told.st_size, told.st_mtime_ns] if told else None,
    }
    return hashlib.sha256(canonical_json(parts).encode()).hexdigest()


def _apply(store: Store, options: ReviewOptions, ledger: Ledger) -> None:
    """Take over what the recipe says, when it says something else than last time."""
    text = _guidelines(options, ledger.workspace.root)
    told = canonical_json({"queue": options.queue.model_dump(), "seed": ledger.card.seed, "guidelines": text})
    applied = hashlib.sha256(told.encode()).hexdigest()
    if store.setting(APPLIED) == applied:
        return
    with store.transaction():
        write_policy(store, recipe_policy(options, ledger.card.seed), by=RECIPE)
        if text is not None:
            guidelines.write(store, text, by=RECIPE)
        store.put_setting(APPLIED, applied)


def recipe_policy(options: ReviewOptions, seed: int) -> Policy:
    """The policy that a recipe asks for."""
    return Policy(
        order=options.queue.order,
        overlap_ratio=options.queue.overlap_ratio,
        lease_seconds=round(options.queue.lease_minutes * 60),
        min_dwell_ms=round(options.queue.min_seconds * 1000),
        seed=seed,
    )


def _guidelines(options: ReviewOptions, folder: Path) -> str | None:
    if options.guidelines is None:
        return None
    named = Path(options.guidelines)
    path = next((p for p in (folder / named, named) if p.is_file()), None)
    try:
        if path is None:
            raise FileNotFoundError("no such file")
        raw = path.read_bytes()[: MAX_GUIDELINES + 1]
        text = raw.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RecipeError(
            f"the guidelines {options.guidelines!r} cannot be read ({error})",
            where=f"{folder / 'tuneset.yaml'}, review, guidelines",
            fix="name a UTF-8 text file beside tuneset.yaml or in the working directory",
        ) from error
    if len(raw) > MAX_GUIDELINES:
        raise RecipeError(
            f"the guidelines {options.guidelines!r} are longer than 1 MiB",
            where=str(path),
            fix="shorten them",
        )
    return text
