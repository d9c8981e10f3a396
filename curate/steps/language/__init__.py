"""The language of prompt and answer of every row."""

from .step import Language

__all__ = ["Language"]
