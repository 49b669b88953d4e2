"""How many requests are let in, as the settings have it."""

from ipaddress import ip_network

from seatrial.config import Settings
from seatrial.db.engine import Database
from seatrial.domain.clock import utc_now
from seatrial.services.request_rates import Rate, RateKind, RequestRates
from seatrial.web.rates import Rates
from seatrial.web.server import LOOPBACK_PROXIES


def open_rates(settings: Settings, database: Database) -> Rates:
    """Make the rates that the settings say; what comes from a trusted proxy's own address names nobody."""
    said = settings.rates
    rates = {
        RateKind.CREDENTIAL: Rate(said.token, said.token_burst),
        RateKind.ADDRESS: Rate(said.address, said.address_burst),
    }
    leases = RequestRates(database, {kind: rate for kind, rate in rates.items() if rate.per_hour}, utc_now)
    trusted = LOOPBACK_PROXIES if settings.trusted_proxies is None else settings.trusted_proxies
    return Rates(leases, [ip_network(str(one)) for one in trusted])
