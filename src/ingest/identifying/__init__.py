"""Whose report a document is, and of which year.

Read from the content of the document, or settled by a line of `sources.csv`.
"""
