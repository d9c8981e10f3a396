"""Lines of providers' files: one module a family, each rule with its source and the date it was read.

A row model accepts what the provider accepts; it refuses what the provider refuses, and what teaches nothing.
`problems.problems(model, row)` gives what is wrong with a row: a code, a place and a sentence.

What several families share: `turn_rules` and `openai_turns` for turns in the OpenAI form, `text_turns` for
turns of text alone, `canonical` for files that carry a row as it is, `trl_turns` for what chat templates
render, `turn_order` for the order of roles that they take; and `conversation` for the order of turns that
every export and check asks for, whatever the model takes.
"""
