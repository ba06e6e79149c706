"""What the reader knows, as data: indicators, words, scopes, constructions, forms.

A folder of TOML files is one department's knowledge: `common` holds for every department's report
(budget, three-public, staff, score), `medical` for medical-security bureaus. A folder of one's own is
laid over them, or over `common` alone (see docs/teaching.md). The files of a folder may have any names: a table that
stands in several is their union.
"""
