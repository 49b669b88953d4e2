"""Rows in and out: one file of queries per noun; SQLite and PostgreSQL from the same SQL."""
