"""How far reviewers agree: the statistics of the field, with intervals."""
