"""Topics of rows: groups of near vectors, names of their words, task types, and a map of them."""
