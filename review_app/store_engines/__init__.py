"""The databases a record of decisions can live in."""
