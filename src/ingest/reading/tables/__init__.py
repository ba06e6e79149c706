"""Tables: cells laid under their heads, proved by the identities of their rows, made facts.

`grid` holds cells, rows and heads; `columns` what the head of a column says; `layout` which cell of
a row stands in which column; `proof` the identities that decide between layouts; `names` what the
name of a row says; `glued` parts figures that ran together; `settling` makes a fact of a cell;
`reader` reads a table; `torn` reads accounts whose cells kept nothing but their order, by what
`accounts` and `unheaded` prove of their sums. No wording is known here: it is in `forms.toml`.
"""
