"""Fine-tuning at a provider: one upload and one job, however often the command is killed and repeated."""
