"""Seatrial: a self-hosted app distribution server."""

__version__ = "0.1.0"
