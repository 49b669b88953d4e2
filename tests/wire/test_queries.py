from datetime import UTC, datetime
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial.domain.build import BuildQuery, BuildStatus, SortField
from seatrial.domain.download import DownloadQuery, DownloadRequest, DownloadType
from seatrial.domain.errors import InvalidRequest
from seatrial.domain.ids import FileId
from seatrial.wire.queries import build_query, download_query, downloads_list_query
from tests.wire.refusals import refusal


def refused(params: list[tuple[str, str]]) -> dict[str, str]:
    with pytest.raises(InvalidRequest) as caught:
        build_query(params)
    return caught.value.fields


def test_nothing_asked_lists_the_newest_hundred() -> None:
    expected = BuildQuery(
        version_name=None, status=None, os=None, sort=SortField.CREATED_AT, descending=True, page=1, limit=100
    )
    assert build_query([]) == expected


def test_the_documents_own_query() -> None:
    query = build_query([("status", "processed"), ("os", "ios"), ("page", "1"), ("limit", "20")])
    assert query == BuildQuery(status=BuildStatus.PROCESSED, os="ios", page=1, limit=20)


def test_the_dashboard_integrations_query() -> None:
    query = build_query([("limit", "20"), ("sort", "createdAt:desc"), ("status", "processed")])
    assert query == BuildQuery(status=BuildStatus.PROCESSED, limit=20)


def test_decision_01_success_is_an_alias_of_processed() -> None:
    assert build_query([("status", "success")]).status is BuildStatus.PROCESSED


@pytest.mark.parametrize("status", list(BuildStatus))
def test_every_status_filters(status: BuildStatus) -> None:
    assert build_query([("status", status.value)]).status is status


@pytest.mark.parametrize(
    "os",
    [
        "ios",
        "android",
        "macos",
        "windows",
        "linux",
        "harmonyos",
        "tvos",
        "visionos",
        "ps4",
        "ps5",
        "switch",
        "xbox-one",
        "xbox-series",
    ],
)
def test_decision_24_os_filters_by_every_platform(os: str) -> None:
    assert build_query([("os", os)]).os == os


@pytest.mark.parametrize(("name", "allowed"), [("status", "in_progress"), ("os", "xbox-series")])
def test_decision_24_unknown_value_names_the_parameter_and_what_is_allowed(name: str, allowed: str) -> None:
    assert allowed in refused([(name, "beos")])[name]


@pytest.mark.parametrize("limit", ["1", "500", "1000"])
def test_decision_29_limits_that_clients_ask_for(limit: str) -> None:
    assert build_query([("limit", limit)]).limit == int(limit)


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "ten", "1e3", "٣", "1_0", "0x10", "9" * 5000, "+1", "\0"])
@pytest.mark.parametrize("name", ["page", "limit"])
def test_decision_29_page_and_limit_outside_their_range_are_refused(name: str, text: str) -> None:
    assert refused([(name, text)])[name].startswith("must be an integer from 1 to ")


def test_decision_29_limit_above_a_thousand_is_refused() -> None:
    assert refused([("limit", "1001")]) == {"limit": "must be an integer from 1 to 1000"}


@pytest.mark.parametrize("field", ["createdAt", "updatedAt", "versionName", "versionCode", "size", "status"])
@pytest.mark.parametrize(("way", "descending"), [("asc", False), ("desc", True)])
def test_decision_47_sort_fields(field: str, way: str, descending: bool) -> None:
    query = build_query([("sort", f"{field}:{way}")])
    assert (query.sort.value, query.descending) == (field, descending)


@pytest.mark.parametrize("text", ["name:asc", "createdAt", ":asc", "createdAt:up", "createdAt:asc:desc", "id; DROP"])
def test_decision_47_other_sorts_are_refused(text: str) -> None:
    assert "createdAt:asc, createdAt:desc" in refused([("sort", text)])["sort"]


def test_version_name_is_exact_but_for_blanks_around_it() -> None:
    assert build_query([("versionName", " RC-1 ")]).version_name == "RC-1"


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "x" * 256])
def test_version_name_that_no_database_takes_is_refused(text: str) -> None:
    assert set(refused([("versionName", text)])) == {"versionName"}


def test_unknown_and_empty_parameters_do_not_count_and_the_last_of_a_repeated_one_does() -> None:
    params = [("foo", "\0"), ("status", ""), ("os", "ios"), ("os", "android"), ("os", " "), ("limit", "")]
    assert build_query(params) == BuildQuery(os="android")


def test_decision_17_type_defaults_to_auto() -> None:
    assert download_query([]) == DownloadRequest(file_id=None, type=DownloadType.AUTO)
    assert download_query([("type", "")]).type is DownloadType.AUTO
    assert download_query([("type", "aab")]).type is DownloadType.AAB


def test_decision_17_other_types_are_refused_but_not_beside_a_file_id() -> None:
    with pytest.raises(InvalidRequest) as caught:
        download_query([("type", "zip")])
    assert caught.value.fields == {"type": "must be one of auto, file, aab"}
    wanted = DownloadRequest(file_id=FileId("2SWkDbddHBNUaVImZINcZzVN"))
    assert download_query([("fileId", "2SWkDbddHBNUaVImZINcZzVN"), ("type", "zip")]) == wanted


def test_file_id_with_nul_is_refused() -> None:
    with pytest.raises(InvalidRequest):
        download_query([("fileId", "a\0")])


def test_downloads_are_filtered_by_person_and_time() -> None:
    query = downloads_list_query(
        [
            ("email", "someone@example.com"),
            ("iniDate", "2024-11-11"),
            ("endDate", "2024-11-12"),
            ("sort", "createdAt:asc"),
            ("page", "2"),
            ("limit", "5"),
        ]
    )
    assert query == DownloadQuery(
        email="someone@example.com",
        since=datetime(2024, 11, 11, tzinfo=UTC),
        until=datetime(2024, 11, 12, 23, 59, 59, 999000, tzinfo=UTC),
        descending=False,
        page=2,
        limit=5,
    )


def test_downloads_by_the_exact_time_in_any_zone() -> None:
    query = downloads_list_query([("iniDate", "2024-11-11T13:00:00+02:00"), ("endDate", "2024-11-11T11:27:35.446Z")])
    assert query.since == datetime(2024, 11, 11, 11, tzinfo=UTC)
    assert query.until == datetime(2024, 11, 11, 11, 27, 35, 446000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("email", "x" * 129),
        ("iniDate", "yesterday"),
        ("iniDate", "0001-01-01T00:00:00+10:00"),
        ("endDate", "9999-12-31T23:00:00-10:00"),
        ("endDate", "2024-13-01"),
        ("sort", "size:asc"),
        ("limit", "1001"),
    ],
)
def test_downloads_query_names_what_is_wrong(name: str, text: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        downloads_list_query([(name, text)])
    assert set(caught.value.fields) == {name}


NAMES = st.sampled_from(
    ["versionName", "status", "os", "sort", "page", "limit", "fileId", "type", "email", "iniDate", "endDate", "x"]
)
ANY_TEXT = st.text(st.characters(codec=None))
PARAMS = st.lists(st.tuples(NAMES | ANY_TEXT, ANY_TEXT))


@settings(deadline=None)
@given(PARAMS)
def test_whatever_is_asked_is_answered_or_refused(params: list[tuple[str, str]]) -> None:
    for read in (build_query, download_query, downloads_list_query):
        assert refusal(partial(read, params)) != {}
