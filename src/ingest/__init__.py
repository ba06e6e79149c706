"""Reads self-evaluation reports of county medical-security bureaus into tidy tables.

The stages, in order: sources → readers → identify → prose, forms and flattened → crossread →
reconcile → audit → tables. `ingest.pipeline` is the only module that knows this order.

A sentence is read by `clauses` (what belongs to what) with `lists`, `naming` (which indicator),
`dimensions` (of whom, when, goal or result) and `figures` (all of it, or a refusal).
"""
