"""The commands of `ingest`, one module a verb.

Each has `add`, which tells the parser its arguments, and `run`, which does it and returns the exit
status. What they share stands beside them: `arguments` and `messages`.
"""
