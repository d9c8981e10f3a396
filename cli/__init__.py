"""The command line: thin verbs over the functions of the floors below."""
