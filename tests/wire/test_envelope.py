import json

from seatrial.wire.envelope import encode, failed, ok
from tests.wire.shapes import golden, shape


def test_success_has_no_error_key_because_a_client_greps_for_it() -> None:
    assert ok({"id": "x"}) == {"status": True, "data": {"id": "x"}}


def test_failure_has_the_shape_that_the_documents_print() -> None:
    assert shape(failed(3001, "Entity not found")) == golden("failure")


def test_failure_carries_data_only_where_there_is_some() -> None:
    assert failed(1013, "Payload Too Large", {"limit": 5}) == {
        "status": False,
        "error": {"code": 1013, "message": "Payload Too Large", "data": {"limit": 5}},
    }


def test_json_is_utf_8_without_escapes() -> None:
    assert encode({"changelog": "Größe 🚀"}) == '{"changelog":"Größe 🚀"}'.encode()


def test_half_of_a_surrogate_pair_in_a_name_does_not_break_the_answer() -> None:
    assert json.loads(encode({"originalName": "a\ud800", "n": 1})) == {"originalName": "a\ud800", "n": 1}
