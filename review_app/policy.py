"""How the queue is ordered and shared: set in the recipe, changed by an admin, recorded as an event."""

from __future__ import annotations

import functools
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from ..schemas.example import canonical_json
from .store import Draft, Store

Order = Literal["uncertainty", "risk", "random", "fifo", "rare_topic"]
NAME = "policy"


class Policy(BaseModel):
    """The queue's policy."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    order: Order = Field(default="risk", description="What comes first.")
    overlap_ratio: float = Field(
        default=0.1, ge=0, le=1, description="Share of rows that two people decide, blind. Alone: none."
    )
    lease_seconds: int = Field(default=300, ge=30, le=86_400, description="How long an item is held.")
    min_dwell_ms: int = Field(
        default=700, ge=0, le=600_000, description="A decision made sooner is marked as fast."
    )
    seed: int = Field(default=13, ge=0, description="Seed of the random order and share.")


def read_policy(store: Store) -> Policy:
    """The policy that holds; the default when none was set."""
    return parsed(store.setting(NAME))


@functools.lru_cache(maxsize=16)
def parsed(text: str | None) -> Policy:
    """The policy of a setting's value."""
    return Policy.model_validate_json(text) if text else Policy()


def write_policy(store: Store, policy: Policy, *, by: str) -> None:
    """Set the policy, and record who did; one that holds already adds nothing."""
    with store.transaction():
        if store.setting(NAME) is not None and read_policy(store) == policy:
            return
        store.put_setting(NAME, policy.model_dump_json())
        value = canonical_json(policy.model_dump())
        store.append_many([Draft("policy", task="admin", value=value)], actor=by)
