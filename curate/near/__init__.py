"""Near-duplicates: sketches propose pairs, comparison scores them, guards decide, the better row stays."""
