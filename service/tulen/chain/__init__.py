"""The only room that knows web3 and JSON-RPC.

`rpc.Chain` is one endpoint. Absence of an answer is `tulen.errors.UnavailableError`; a contract's
refusal is a `tulen.errors.RuleViolationError`; nothing here keeps state that a database should.
"""
