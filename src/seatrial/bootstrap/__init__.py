"""From settings to services: the only room that knows every adapter."""

from seatrial.bootstrap.administration import (
    Administration,
    migrate,
    open_administration,
    open_database,
    open_workspaces,
)
from seatrial.bootstrap.doctor import open_doctor
from seatrial.bootstrap.house import House, open_house
from seatrial.bootstrap.server import Server, open_server
from seatrial.bootstrap.upkeep import open_backup, open_collector, restore
from seatrial.bootstrap.worker import open_door, open_worker

__all__ = [
    "Administration",
    "House",
    "Server",
    "migrate",
    "open_administration",
    "open_backup",
    "open_collector",
    "open_database",
    "open_doctor",
    "open_door",
    "open_house",
    "open_server",
    "open_worker",
    "open_workspaces",
    "restore",
]
