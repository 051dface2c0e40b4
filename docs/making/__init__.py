"""Makes the parts of the docs that come from the code: ``python -m docs.making`` in the root of the repository."""
