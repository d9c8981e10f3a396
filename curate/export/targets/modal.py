"""Versions for training on Modal: the rows and the script of TRL, and a script that runs them there."""

from __future__ import annotations

from dataclasses import replace

from ..scripts.modal import modal_script
from ..shape import State, Target
from .trl import TRL, TRL_DPO, TRL_KTO, TRL_PROMPT

OPEN = State("open", "modal 1.6.4 on PyPI and modal.com/docs, read 2026-11")


def _on_modal(target: Target) -> Target:
    return replace(
        target,
        name=target.name.replace("trl", "modal"),
        summary=f"Modal, a script that runs on its GPUs: {target.summary}",
        state=OPEN,
        sidecars=(*target.sidecars, modal_script()),
    )


TARGETS = tuple(_on_modal(target) for target in (TRL, TRL_PROMPT, TRL_DPO, TRL_KTO))
