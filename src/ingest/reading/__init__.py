"""Reading: a document's text to its mentions, by the words and constructions of the codebook.

`index` finds every quantity and every typed word of a passage once; `patterns` match the
codebook's constructions on these spans; `binder` gives each figure the label of the best
construction; `scopes` settles scenario, group, time, owner and basis; `prose` and `tables` feed
them. Nothing here knows a word: all wording is in the codebook.
"""
