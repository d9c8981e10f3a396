"""Which rows fit a token budget: at random, by length, as a picture of the rest, or by likeness."""
