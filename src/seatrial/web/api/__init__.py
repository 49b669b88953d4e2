"""The JSON API: each file makes its own routes."""
