"""Decisions made elsewhere and decisions for elsewhere: JSONL, Argilla, Label Studio."""
