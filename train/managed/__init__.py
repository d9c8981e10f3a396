"""Fine-tuning at a provider: one upload and one job, however often the command is killed and repeated.

from tuneset.train.managed import launch
result = launch("out", to="openai", model="gpt-4.1-mini-2025-04-14")
"""

from __future__ import annotations

from .launch import following_hint, launch
from .planning import parse_settings
from .result import LaunchResult
from .services import SERVICES

__all__ = ["SERVICES", "LaunchResult", "following_hint", "launch", "parse_settings"]
