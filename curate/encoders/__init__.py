"""Texts as vectors: a static encoder that ships with the package, and any sentence-transformers model."""

from __future__ import annotations

from .base import STATIC, Encoder, encoder_for, vector_cache

__all__ = ["STATIC", "Encoder", "encoder_for", "vector_cache"]
