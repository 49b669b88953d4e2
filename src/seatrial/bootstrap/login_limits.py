"""How often guessing is let go on, the same at every door."""

from datetime import timedelta

from seatrial.config import Settings
from seatrial.db.engine import Database
from seatrial.domain.clock import utc_now
from seatrial.services.login_limits import LoginLimits


def open_login_limits(settings: Settings, database: Database) -> LoginLimits:
    """Make the limits that the settings say."""
    said = settings.login
    return LoginLimits(
        database, said.failures_per_account, said.failures_per_address, timedelta(seconds=said.window), utc_now
    )
