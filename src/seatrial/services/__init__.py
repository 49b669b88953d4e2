"""Use-cases: the rules and the transactions."""
