"""Lines of providers' files: one module a family, each rule with its source and the date it was read.

A row model accepts what the provider accepts and refuses what it refuses. `problems.problems(model, row)`
gives what is wrong with a row: a code, a place and a sentence. `common` holds what several families share.
"""
