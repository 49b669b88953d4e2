"""The HTTP way in: routes read, call and wrap; the rules are in `services`."""
