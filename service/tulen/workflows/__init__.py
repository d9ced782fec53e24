"""The work, one verb per module: load and lock, ask the core, save.

No rule is decided here that the core could decide, and no invariant rests on this code alone: the
database and the contracts hold the same ones. Verbs are imported from their own modules, such as
``from tulen.workflows.apply import apply``: who only verifies loads neither database nor keys.
"""
