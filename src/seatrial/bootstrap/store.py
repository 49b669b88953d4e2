"""The store and its doors."""

from datetime import timedelta

import maxminddb

from seatrial.config import Settings
from seatrial.db.engine import Database
from seatrial.domain.clock import utc_now
from seatrial.keyring import SettingsInvalid
from seatrial.services.countries import Countries, countries_in
from seatrial.services.login_limits import LoginLimits
from seatrial.services.store import Store


def open_store(settings: Settings, database: Database) -> Store:
    """Make what shows publications to people."""
    login = settings.login
    window = timedelta(seconds=login.window)
    limits = LoginLimits(database, login.failures_per_account, login.failures_per_address, window, utc_now)
    return Store(database, limits, utc_now)


def open_countries(settings: Settings) -> Countries:
    """Open the database of countries, where there is one.

    Raises SettingsInvalid.
    """
    path = settings.countries.database
    if path is None:
        return Countries()
    try:
        return countries_in(path)
    except (OSError, maxminddb.InvalidDatabaseError) as error:
        raise SettingsInvalid(f"countries.database: {error}") from error
