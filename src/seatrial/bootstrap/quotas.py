"""What may be taken up, as the settings have it."""

from seatrial.config import Settings
from seatrial.db.engine import Database
from seatrial.domain.clock import utc_now
from seatrial.domain.quota import Defaults, Item
from seatrial.services.quotas import Quotas


def open_quotas(settings: Settings, database: Database) -> Quotas:
    """Make the quotas that the settings say."""
    return Quotas(database, utc_now, _defaults(settings, "organization"), _defaults(settings, "app"))


def _defaults(settings: Settings, of: str) -> Defaults:
    names = {
        Item.STORAGE: "storage",
        Item.BUILDS: "builds",
        Item.UPLOAD_SIZE: "upload_size",
        Item.DOWNLOADS: "downloads",
    }
    said = {item: getattr(settings.quotas, f"{of}_{name}") for item, name in names.items()}
    return {item: int(amount) for item, amount in said.items() if amount is not None}
