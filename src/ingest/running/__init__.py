"""How the work is done and not what it is: processes, clusters, limits, and what is kept for the
next run.

Nothing in the tables depends on it.
"""
