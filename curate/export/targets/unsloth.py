"""Versions for Unsloth: the rows of TRL, and a script with Unsloth's model loader and mask."""

from __future__ import annotations

from dataclasses import replace

from ..columns_card import card
from ..scripts.unsloth import unsloth_script
from .trl import TRL

UNSLOTH = replace(
    TRL,
    name="unsloth",
    summary="Unsloth, conversations as TRL reads them; every assistant turn is learnt",
    sidecars=(card("messages", "tools"), unsloth_script()),
)
TARGETS = (UNSLOTH,)
