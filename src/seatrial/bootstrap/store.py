"""The store and its doors."""

from datetime import timedelta
from pathlib import Path

import maxminddb

from seatrial.bootstrap.login_limits import open_login_limits
from seatrial.config import Settings
from seatrial.db.engine import Database
from seatrial.domain.clock import utc_now
from seatrial.keyring import SettingsInvalid, encryption_keys
from seatrial.services.countries import Countries, countries_in
from seatrial.services.enrolment_profile import SignerInvalid, certificates_of, profile_signer
from seatrial.services.enrolments import Enrolments
from seatrial.services.store import Store
from seatrial.services.team_letters import TeamLetters
from seatrial.storage.sealing import Sealer


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


def open_enrolments(settings: Settings, database: Database, letters: TeamLetters) -> Enrolments:
    """Make what asks devices who they are.

    Raises SettingsInvalid.
    """
    said = settings.devices
    try:
        signer = None
        if said.certificate is not None and said.key is not None:
            signer = profile_signer(_read("certificate", said.certificate), _read("key", said.key))
        authorities = () if said.authorities is None else certificates_of(_read("authorities", said.authorities))
    except SignerInvalid as error:
        raise SettingsInvalid(f"devices: {error}") from error
    return Enrolments(
        database,
        Sealer(encryption_keys(settings)),
        open_login_limits(settings, database),
        timedelta(seconds=said.profile_seconds),
        utc_now,
        signer=signer,
        authorities=authorities,
        asks_serial=said.ask_serial,
        letters=letters,
    )


def _read(name: str, path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SettingsInvalid(f"devices.{name}: {error}") from error
