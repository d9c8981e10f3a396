"""Scores of answers by a language model: perplexity and instruction-following difficulty."""

from .cache import score_cache
from .model import LanguageModel, folder_identity, usable_folder
from .score import score_turns
from .turn_score import PROBLEMS, TurnScore

__all__ = [
    "PROBLEMS",
    "LanguageModel",
    "TurnScore",
    "folder_identity",
    "score_cache",
    "score_turns",
    "usable_folder",
]
