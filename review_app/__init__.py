"""The review app over an append-only record of decisions: approve, freeze, and the store under both."""
