"""Reads self-evaluation reports of county medical-security bureaus into tidy tables.

The stages, in order: sources → readers → identify → prose and forms → reconcile → audit → tables.
`ingest.pipeline` is the only module that knows this order.
"""
