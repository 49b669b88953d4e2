"""How far the harnesses of faults go: a slice in `make test`, all of it in `make faults`."""

import os


def times(slice_of_it: int, full: int) -> int:
    """Give how often a fault is caused: `full` where `SEATRIAL_FAULTS=full` is set."""
    return full if os.environ.get("SEATRIAL_FAULTS") == "full" else slice_of_it
