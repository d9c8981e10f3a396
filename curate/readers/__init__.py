"""From files as people have them to canonical rows.

`inputs` finds the files, `raw` parses them into values without understanding them, `shapes` turns a value
into a conversation, `table` builds Arrow batches, and `read` does all of it for one input.
"""
