"""The quality score: signals of prompt and answer, an additive model over them, and learning from decisions."""
