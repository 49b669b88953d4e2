"""Request rates as clients meet them."""

from tests.conftest import StartServer


def test_who_asks_too_often_is_told_when_to_come_back_and_nobody_else_is(start_server: StartServer) -> None:
    server = start_server({"SEATRIAL_RATES__TOKEN": "60", "SEATRIAL_RATES__TOKEN_BURST": "5"}, ["--no-worker"])
    answers = [server.ci.get("/builds") for _ in range(8)]
    statuses = [answer.status_code for answer in answers]
    assert statuses == sorted(statuses)
    assert 5 <= statuses.count(200) <= 7
    refused = answers[-1]
    assert (refused.status_code, refused.json()["error"]["code"]) == (429, 1029)
    assert 1 <= int(refused.headers["retry-after"]) <= 60 * 2
    assert refused.headers["x-request-id"]
    assert server.ops.get("/builds").status_code == 200
    assert server.anyone.get("/healthz").status_code == 200


def test_addresses_count_behind_a_trusted_proxy_and_its_own_does_not(start_server: StartServer) -> None:
    settings = {"SEATRIAL_RATES__ADDRESS": "60", "SEATRIAL_RATES__ADDRESS_BURST": "5"}
    server = start_server(settings, ["--no-worker"])
    far = {"X-Forwarded-For": "203.0.113.9"}
    statuses = [server.anyone.get("/openapi.json", headers=far).status_code for _ in range(8)]
    assert (statuses[0], statuses[-1]) == (200, 429)
    assert server.anyone.get("/openapi.json", headers={"X-Forwarded-For": "203.0.113.10"}).status_code == 200
    assert {server.anyone.get("/openapi.json").status_code for _ in range(8)} == {200}
