"""Compares counties and years from the tables in data/processed, and draws the charts.

`data` loads the tables, `compare` makes one comparable table a question, `findings` says in one
sentence what it shows, `charts` draws it, `labels` gives it Chinese words. Nothing here imports
`ingest`: the two packages meet at the files only. The command alone hands verbs over to it.
"""


class XianbiError(ValueError):
    """Something an analyst can put right; the message is one line and says how."""

    def _render_traceback_(self) -> list[str]:
        # IPython asks for this: a notebook shows the one line and not our call stack.
        return [f"{type(self).__name__}: {self}"]
