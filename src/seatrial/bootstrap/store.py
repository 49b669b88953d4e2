"""The store and its doors."""

import maxminddb

from seatrial.bootstrap.login_limits import open_login_limits
from seatrial.config import Settings
from seatrial.db.engine import Database
from seatrial.domain.clock import utc_now
from seatrial.keyring import SettingsInvalid
from seatrial.services.countries import Countries, countries_in
from seatrial.services.store import Store


def open_store(settings: Settings, database: Database) -> Store:
    """Make what shows publications to people."""
    return Store(database, open_login_limits(settings, database), utc_now)


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
