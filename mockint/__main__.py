"""`python -m mockint`."""

from mockint.cli import entrypoint

entrypoint()
