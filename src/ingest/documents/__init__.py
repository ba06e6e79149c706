"""From a report file to a document: found below a folder, opened within bounds, its characters
folded, read by the reader of its format, and rid of what is private.

Nothing here knows an indicator or a county.
"""
