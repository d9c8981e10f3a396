"""Does a row hold a protected item? Words, probes, an index over them, and comparing one with a row."""
