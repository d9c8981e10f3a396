"""Labels of the user's own: from sentences that describe them, and from examples."""
