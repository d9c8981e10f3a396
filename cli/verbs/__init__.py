"""One module a verb: `HELP`, `add_arguments(parser)` and `run(args) -> Outcome`."""
