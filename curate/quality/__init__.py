"""The quality score: signals, an additive model over them, and learning from decisions."""
