"""Rows as annotation tools show them: Argilla's records, Label Studio's tasks, and the form to fill in."""
