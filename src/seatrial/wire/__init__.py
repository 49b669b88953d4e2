"""The contract's JSON and form spellings: pure functions between bytes or fields and the domain."""
