"""What goes wrong with a store, as one sentence that people can act on."""

from __future__ import annotations


class StoreError(Exception):
    """`str(error)` says in one sentence what is wrong with the store and what to do next."""


class OvertakenError(StoreError):
    """The store was written to while it was read without its knowing of its readers: to ask again is all there is."""
