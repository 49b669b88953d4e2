import json
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial.domain.build import UNSET, BuildChanges
from seatrial.domain.errors import InvalidRequest
from seatrial.wire.updates import build_changes
from tests.wire.refusals import refusal


def changes(value: object, workspace: bool = True) -> BuildChanges:
    return build_changes(json.dumps(value).encode(), workspace)


def refused(body: bytes, workspace: bool = True) -> dict[str, str]:
    with pytest.raises(InvalidRequest) as caught:
        build_changes(body, workspace)
    return caught.value.fields


def test_the_documents_own_updates() -> None:
    body = {
        "versionName": "v2.5.0-rc2",
        "changelog": "Fixed crash on settings screen",
        "tags": ["staging", "sprint-43"],
        "metadata": {"environment": "staging", "team": "mobile"},
    }
    assert changes(body) == BuildChanges(
        version_name="v2.5.0-rc2",
        changelog="Fixed crash on settings screen",
        tags=("staging", "sprint-43"),
        metadata={"environment": "staging", "team": "mobile"},
    )


def test_absent_keys_are_left_alone() -> None:
    assert changes({}) == BuildChanges()
    assert changes({"defaultScripts": {}}).default_scripts is UNSET


@pytest.mark.parametrize(
    ("value", "tags"),
    [
        (["a", " b ", "", "a"], ("a", "b")),
        ("a, b,,a", ("a", "b")),
        ([], ()),
        ("", ()),
        (["a,b"], ("a,b",)),
    ],
)
def test_decision_03_tags_as_array_or_comma_text(value: object, tags: tuple[str, ...]) -> None:
    assert changes({"tags": value}).tags == tags


@pytest.mark.parametrize(
    ("value", "field"),
    [
        (None, "tags"),
        (1, "tags"),
        ({"0": "a"}, "tags"),
        (["a", 1], "tags.1"),
        ([None], "tags.0"),
        (["x" * 129], "tags"),
    ],
)
def test_decision_03_tags_of_the_wrong_type_are_named(value: object, field: str) -> None:
    assert set(refused(json.dumps({"tags": value}).encode())) == {field}


def test_decision_25_workspace_fields_are_ignored_on_integrations_even_when_wrong() -> None:
    body = {"versionName": "1", "metadata": 1, "defaultScripts": 2, "defaultScripts.audit": 3, "disabled": "x"}
    assert changes(body, workspace=False) == BuildChanges(version_name="1")


def test_decision_30_bytes_are_read_as_json_with_or_without_a_mark() -> None:
    assert build_changes(b'\xef\xbb\xbf {"versionName": "1"}\n', False).version_name == "1"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"x"',
        b"1",
        b"{",
        b"versionName=1",
        b"\xff",
        b'{"a": NaN}',
        b'{"a": "\\ud800"}',
        b"{} {}",
        "{}".encode("utf-16"),
        b"[" * 100000,
        b'{"a":' * 100000,
        b'{"versionName": "\xed\xa0\x80"}',
        b'{"a": 1e999}',
    ],
)
def test_body_that_is_no_json_object_is_refused(body: bytes) -> None:
    assert refused(body) == {"body": "must be a JSON object in UTF-8"}


def test_decision_35_scripts_nested_or_dotted() -> None:
    body = {
        "defaultScripts": {"audit": "a\n", "enforce": None, "unknown": 1},
        "defaultScripts.preInstall": "#!/bin/sh\n",
    }
    assert changes(body).default_scripts == {"audit": "a\n", "enforce": "", "preInstall": "#!/bin/sh\n"}
    assert changes({"defaultScripts": {"audit": "a"}, "defaultScripts.audit": ""}).default_scripts == {"audit": ""}
    assert changes({"defaultScripts.unknown": 1}).default_scripts is UNSET


@pytest.mark.parametrize("key", ["versionName", "changelog"])
def test_decision_35_null_clears_a_string(key: str) -> None:
    said = changes({key: None})
    assert {"versionName": said.version_name, "changelog": said.changelog}[key] == ""


def test_decision_35_metadata_is_taken_as_a_whole() -> None:
    value = {"a": [1, -5, 2.5, True, None, {"b": "ü"}], "n": 2**63 - 1}
    assert changes({"metadata": value}).metadata == value
    assert changes({"metadata": {}}).metadata == {}


def test_decision_35_read_only_and_unknown_keys_are_ignored() -> None:
    assert changes({"status": "error", "versionCode": 1, "size": None, "id": [], "foo": {"bar": 1}}) == BuildChanges()


def test_decision_35_last_of_repeated_keys_wins() -> None:
    assert build_changes(b'{"versionName": 1, "versionName": "2"}', False).version_name == "2"


@pytest.mark.parametrize("value", [True, False])
def test_disabled_is_a_boolean(value: bool) -> None:
    assert changes({"disabled": value}).disabled is value


def nested(levels: int) -> object:
    value: object = 1
    for _ in range(levels):
        value = {"a": value}
    return value


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ({"versionName": 1.2}, "versionName"),
        ({"versionName": ["1"]}, "versionName"),
        ({"versionName": 2**70}, "versionName"),
        ({"versionName": "x" * 256}, "versionName"),
        ({"versionName": "a\0"}, "versionName"),
        ({"changelog": {}}, "changelog"),
        ({"changelog": "x" * (1024 * 1024 + 1)}, "changelog"),
        ({"disabled": "true"}, "disabled"),
        ({"disabled": 1}, "disabled"),
        ({"disabled": None}, "disabled"),
        ({"metadata": None}, "metadata"),
        ({"metadata": []}, "metadata"),
        ({"metadata": {"a": 2**63}}, "metadata"),
        ({"metadata": {"a": {"b": [-(2**63) - 1]}}}, "metadata"),
        ({"metadata": {"a": "x" * 65_536}}, "metadata"),
        ({"metadata": {"a\0": 1}}, "metadata"),
        ({"metadata": {"a": ["\0"]}}, "metadata"),
        ({"metadata": nested(17)}, "metadata"),
        ({"defaultScripts": "x"}, "defaultScripts"),
        ({"defaultScripts": None}, "defaultScripts"),
        ({"defaultScripts": {"preInstall": 1}}, "defaultScripts.preInstall"),
        ({"defaultScripts.postInstall": []}, "defaultScripts.postInstall"),
        ({"defaultScripts": {"runner": "x" * (256 * 1024 + 1)}}, "defaultScripts.runner"),
    ],
)
def test_decision_35_wrong_value_names_its_key(value: object, field: str) -> None:
    assert set(refused(json.dumps(value).encode())) == {field}


def test_metadata_may_be_sixteen_levels_deep() -> None:
    assert changes({"metadata": nested(16)}).metadata == nested(16)


KEYS = st.sampled_from(
    ["versionName", "tags", "changelog", "metadata", "defaultScripts", "defaultScripts.audit", "disabled", "audit", "x"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner),
    max_leaves=20,
)


@settings(deadline=None)
@given(st.dictionaries(KEYS, VALUES).map(json.dumps).map(str.encode) | st.binary(), st.booleans())
def test_whatever_is_sent_is_taken_or_refused(body: bytes, workspace: bool) -> None:
    assert refusal(partial(build_changes, body, workspace)) != {}
