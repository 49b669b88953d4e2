"""Request rates: what several nodes let in together, and when they let in again."""

from seatrial.services.request_rates import Lease, Rate, RateKind, RequestRates
from tests.services.rooms import Rooms

ADDRESS = RateKind.ADDRESS


def test_nodes_let_in_together_what_one_would_and_then_at_the_rate(rooms: Rooms) -> None:
    nodes = [RequestRates(rooms.db, {ADDRESS: Rate(3600, 1000)}, rooms.now) for _ in range(2)]
    leases = [nodes[turn % 2].take(ADDRESS, "198.51.100.7", 0) for turn in range(102)]
    assert sum(lease.granted for lease in leases) == 1000
    assert leases[-1] == Lease(0, 1)
    assert nodes[0].take(ADDRESS, "198.51.100.8", 0) == Lease(10)
    rooms.later(4)
    assert [node.take(ADDRESS, "198.51.100.7", 0).granted for node in nodes] == [4, 0]


def test_what_was_let_in_on_trust_is_paid_for(rooms: Rooms) -> None:
    rates = RequestRates(rooms.db, {ADDRESS: Rate(3600, 1000)}, rooms.now)
    assert rates.take(ADDRESS, "a", 985) == Lease(10)
    assert rates.take(ADDRESS, "a", 0) == Lease(5)
    assert rates.take(ADDRESS, "a", 30).granted == 0
    assert rates.take(ADDRESS, "a", 0).retry_after == 31


def test_a_key_whose_burst_is_whole_again_is_forgotten(rooms: Rooms) -> None:
    rates = RequestRates(rooms.db, {ADDRESS: Rate(3600, 100)}, rooms.now)
    for _ in range(120):
        rates.take(ADDRESS, "a", 0)
    assert rates.forget_old() == 0
    rooms.later(101)
    assert rates.forget_old() == 1
    assert rates.take(ADDRESS, "a", 0) == Lease(1)


def test_a_clock_that_was_ahead_keeps_nobody_out_when_it_is_set_back(rooms: Rooms) -> None:
    rates = RequestRates(rooms.db, {ADDRESS: Rate(3600, 100)}, rooms.now)
    rooms.later(86_400)
    for _ in range(120):
        rates.take(ADDRESS, "a", 0)
    rooms.later(-86_400)
    leases = [rates.take(ADDRESS, "a", 0).granted for _ in range(110)]
    assert sum(leases) == 100, "and it is counted from then on"
