import json
from functools import partial
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial.domain.build import Deployer, Notification, Submission
from seatrial.domain.errors import InvalidRequest
from seatrial.wire.envelope import encode, failed
from seatrial.wire.uploads import attachment, submission
from tests.wire.refusals import refusal

Form = list[tuple[str, str]]

CURL: Form = [
    ("versionName", "v2.4.0-rc1"),
    ("tags", "staging, sprint-42"),
    ("changelog", "Fixed crash on login screen"),
    ("notifyCollaborators", "true"),
    ("notifyEmployees", "false"),
    ("notifyMessage", "New build ready for QA"),
    ("notifyLanguage", "en"),
    ("filter[0][0]", "group1"),
    ("filter[0][1]", "group2"),
    ("filter[1][0]", "group3"),
    ("deployer.name", "GitHub Actions"),
    ("deployer.info.commitMessage", "Fix crash on login"),
    ("deployer.info.commit", "f52ace0"),
    ("deployer.info.branch", "release/2.4"),
    ("deployer.info.tag", "v2.4.0-rc1"),
    ("deployer.info.triggerTimestamp", "1558359012580"),
    ("deployer.info.buildUrl", "https://github.com/myorg/myapp/actions/runs/123"),
    ("deployer.info.ciUrl", "https://github.com/myorg/myapp/actions"),
    ("deployer.info.repositoryUrl", "https://github.com/myorg/myapp"),
    ("deployer.info.buildNumber", "173"),
]


def refused(form: Form) -> dict[str, str]:
    with pytest.raises(InvalidRequest) as caught:
        submission(form)
    return caught.value.fields


def test_the_documents_own_upload() -> None:
    assert submission(CURL) == Submission(
        version_name="v2.4.0-rc1",
        tags=("staging", "sprint-42"),
        changelog="Fixed crash on login screen",
        deployer=Deployer(
            name="GitHub Actions",
            info={
                "commitMessage": "Fix crash on login",
                "commit": "f52ace0",
                "branch": "release/2.4",
                "tag": "v2.4.0-rc1",
                "triggerTimestamp": "1558359012580",
                "buildUrl": "https://github.com/myorg/myapp/actions/runs/123",
                "ciUrl": "https://github.com/myorg/myapp/actions",
                "repositoryUrl": "https://github.com/myorg/myapp",
                "buildNumber": "173",
            },
        ),
        notification=Notification(
            collaborators=True,
            employees=False,
            message="New build ready for QA",
            language="en",
            groups=(("group1", "group2"), ("group3",)),
        ),
    )


def test_no_fields_at_all_say_nothing() -> None:
    assert submission([]) == Submission()


def test_order_of_the_fields_does_not_matter() -> None:
    expected = submission(CURL)
    assert submission(CURL[::-1]) == expected
    assert {repr(submission([*some, *CURL[3:]])) for some in permutations(CURL[:3])} == {repr(expected)}


def test_fastlane_2_4_sends_brackets_empty_parts_and_trailing_newlines() -> None:
    form = [
        ("changelog", "Bug fixing"),
        ("notifyCollaborators", "true"),
        ("notifyEmployees", "true"),
        ("notifyMessage", "msg"),
        ("filter", "group1,group2|group3"),
        ("deployer[name]", "fastlane"),
        ("deployer[info][buildNumber]", ""),
        ("deployer[info][branch]", "main"),
        ("deployer[info][commit]", "f52ace0\n"),
        ("deployer[info][commitMessage]", "first commit"),
        ("deployer[info][repositoryUrl]", "git@github.com:o/r.git\n"),
        ("deployer[info][tag]", "v1.2.3\n"),
        ("deployer[info][triggerTimestamp]", "1795231611"),
        ("versionName", "RC 1.0"),
        ("tags", "RC1, QA"),
    ]
    said = submission(form)
    assert said.deployer == Deployer(
        name="fastlane",
        info={
            "commitMessage": "first commit",
            "commit": "f52ace0",
            "branch": "main",
            "tag": "v1.2.3",
            "triggerTimestamp": "1795231611",
            "repositoryUrl": "git@github.com:o/r.git",
        },
    )
    assert (said.version_name, said.tags) == ("RC 1.0", ("RC1", "QA"))
    assert said.notification.groups == (("group1", "group2"), ("group3",))


def test_bitrise_sends_nothing_but_empty_parts() -> None:
    names = ["versionName", "changelog", "notifyCollaborators", "tags", "filter", "buildPlatform", "notifyLanguage"]
    names += ["deployer", "deployer.name", "deployer.info.commit", "packageName", "filter[0][0]"]
    assert submission([(name, blank) for name in names for blank in ("", " \n")]) == Submission()


def test_custom_platform_says_what_its_package_is() -> None:
    said = submission([("buildPlatform", "ps5"), ("packageName", "com.example.game"), ("packageVersion", "1.0")])
    assert (said.build_platform, said.package_name, said.package_version) == ("ps5", "com.example.game", "1.0")


@pytest.mark.parametrize(
    "form",
    [
        [("tags", "staging, sprint-42")],
        [("tags", "  staging ,,sprint-42, staging,")],
        [("tags", "staging"), ("tags", "sprint-42")],
        [("tags[]", "staging"), ("tags[]", "sprint-42")],
        [("tags[0]", "staging"), ("tags[1]", "sprint-42")],
        [("tags", '["staging", " sprint-42 ", ""]')],
        [("tags[]", "staging,sprint-42"), ("tags", "")],
        [("tags", "staging"), ("tags[]", '["sprint-42"]')],
    ],
)
def test_decision_03_tags_come_in_many_forms(form: Form) -> None:
    assert submission(form).tags == ("staging", "sprint-42")


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("", ()),
        (" , ,", ()),
        ("[]", ()),
        ("[wip], nightly", ("[wip]", "nightly")),
        ("[1, 2.5]", ("1", "2.5")),
        ('["a,b"]', ("a,b",)),
        ("A,a", ("A", "a")),
    ],
)
def test_decision_03_tags_at_the_edges(text: str, tags: tuple[str, ...]) -> None:
    assert submission([("tags", text)]).tags == tags


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("x" * 129, "128 characters"),
        (",".join(str(n) for n in range(101)), "100 tags"),
        ("a\0", "NUL"),
        ('["a", ["b"]]', "array of strings"),
        ('["a", null]', "array of strings"),
        ('["\\u0000"]', "NUL"),
    ],
)
def test_decision_03_tags_that_are_refused(text: str, part: str) -> None:
    assert part in refused([("tags", text)])["tags"]


@pytest.mark.parametrize(
    "form",
    [
        [("deployer.name", "CI"), ("deployer.info.commit", "abc"), ("deployer.info.buildNumber", "7")],
        [("deployer[name]", "CI"), ("deployer[info][commit]", "abc"), ("deployer[info][buildNumber]", "7")],
        [("deployer[name]", "CI"), ("deployer.info[commit]", "abc"), ("deployer[info].buildNumber", "7")],
        [("deployer", '{"name": "CI", "info": {"commit": "abc", "buildNumber": 7, "tag": null, "branch": " "}}')],
        [("deployer", '{"name": "CI"}'), ("deployer.info.commit", " abc\n"), ("deployer.info.buildNumber", "7")],
        [("deployer.name", "CI"), ("deployer", '{"info": {"commit": "abc"}}'), ("deployer[info][buildNumber]", "7")],
        [
            ("deployer.name", "x"),
            ("deployer.name", "CI"),
            ("deployer.name", ""),
            ("deployer.info.commit", "abc"),
            ("deployer.info.buildNumber", "7"),
        ],
    ],
)
def test_decision_05_deployer_by_dots_brackets_mixtures_and_json(form: Form) -> None:
    assert submission(form).deployer == Deployer("CI", {"commit": "abc", "buildNumber": "7"})


def test_decision_05_secrets_and_unknown_keys_are_not_kept() -> None:
    form = [
        ("deployer.info.certificatePassphrase", "hunter2"),
        ("deployer[info][certificateUrl]", "https://example.com"),
        ("deployer.secret", "hunter2"),
        ("deployer", json.dumps({"name": "CI", "info": {"certificatePassphrase": "hunter2"}, "x": "hunter2"})),
    ]
    assert submission(form) == Submission(deployer=Deployer("CI"))


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("GitHub", "deployer"),
        ("[]", "deployer"),
        ('{"info": 1}', "deployer.info"),
        ('{"name": true}', "deployer.name"),
        ('{"info": {"commit": ["a"]}}', "deployer.info.commit"),
        ('{"info": {"commit": "\\u0000"}}', "deployer.info.commit"),
    ],
)
def test_decision_05_bad_json_deployer_names_the_field(text: str, field: str) -> None:
    assert set(refused([("deployer", text)])) == {field}


@pytest.mark.parametrize("text", ["1558359012580", "1795231611", "2026-11-21T03:24:16.784Z"])
def test_decision_06_trigger_timestamp_is_kept_as_it_came(text: str) -> None:
    assert submission([("deployer.info.triggerTimestamp", text)]).deployer.info == {"triggerTimestamp": text}


@pytest.mark.parametrize(
    ("text", "value"),
    [("true", True), ("TRUE", True), ("1", True), ("Yes", True), ("false ", False), ("0", False), ("no\n", False)],
)
def test_decision_07_booleans(text: str, value: bool) -> None:
    notification = submission([("notifyCollaborators", text), ("notifyEmployees", text)]).notification
    assert (notification.collaborators, notification.employees) == (value, value)


def test_decision_07_and_08_unsaid_booleans_are_left_to_the_app() -> None:
    notification = submission([("notifyCollaborators", " ")]).notification
    assert (notification.collaborators, notification.employees) == (None, None)


@pytest.mark.parametrize("text", ["maybe", "2", "on", "null", "tru\0e"])
def test_decision_07_bad_boolean_is_refused(text: str) -> None:
    assert refused([("notifyEmployees", text)]) == {"notifyEmployees": "must be one of true, false, 1, 0, yes, no"}


@pytest.mark.parametrize(("text", "language"), [("ge", "de"), ("de", "de"), ("GE", "de"), ("en", "en"), (" zh ", "zh")])
def test_decision_09_german_has_two_names(text: str, language: str) -> None:
    assert submission([("notifyLanguage", text)]).notification.language == language


def test_decision_09_unknown_language_is_refused() -> None:
    assert "es, en, fr, ge, de, it, zh, pt, ru" in refused([("notifyLanguage", "nl")])["notifyLanguage"]


@pytest.mark.parametrize(
    ("text", "platform"), [("iOS", "ios"), ("macOS", "macos"), ("Xbox-Series", "xbox-series"), (" ios ", "ios")]
)
def test_decision_10_build_platform_ignores_case(text: str, platform: str) -> None:
    assert submission([("buildPlatform", text)]).build_platform == platform


def test_decision_10_unknown_build_platform_names_the_allowed_ones() -> None:
    message = refused([("buildPlatform", "beos")])["buildPlatform"]
    for platform in ("ios", "macos", "android", "ps4", "ps5", "switch", "xbox-one", "xbox-series", "windows"):
        assert platform in message


@pytest.mark.parametrize(
    ("name", "limit"),
    [
        ("versionName", 255),
        ("packageName", 255),
        ("packageVersion", 255),
        ("changelog", 1024 * 1024),
        ("notifyMessage", 64 * 1024),
        ("deployer.name", 4096),
        ("deployer.info.buildUrl", 4096),
        ("deployer.info.commitMessage", 64 * 1024),
    ],
)
def test_bounds_name_the_field_and_the_limit(name: str, limit: int) -> None:
    submission([(name, "ä" * limit)])
    assert refused([(name, "ä" * (limit + 1))]) == {name: f"must be at most {limit} characters long"}


@pytest.mark.parametrize("text", ["a\0b", "a\ud800"])
@pytest.mark.parametrize("name", ["versionName", "changelog", "tags", "filter", "deployer.name", "packageName"])
def test_text_that_no_database_takes_is_refused(name: str, text: str) -> None:
    assert set(refused([(name, text)])) == {name}


def test_changelog_keeps_its_lines_emoji_and_markup() -> None:
    text = "* one 🚀\n\n  * <b>two</b> & \"three\" 'four'"
    assert submission([("changelog", f"\n {text} \r\n")]).changelog == text


def test_unknown_fields_are_ignored_whatever_they_hold() -> None:
    form = [("notify", "\0"), ("release_notes", "\ud800"), ("", "x"), ("deployer.info", "x"), ("tags[0][1]", "x")]
    assert submission([*form, ("deployer.info.commit.x", "x"), ("versionName[a]", "x")]) == Submission()


def test_repeated_field_last_with_content_wins() -> None:
    assert submission([("versionName", "1"), ("versionName", "2"), ("versionName", " ")]).version_name == "2"


def test_attachment_has_a_description() -> None:
    assert attachment([("description", " dSYM file for crash symbolication\n"), ("x", "y")]) == (
        "dSYM file for crash symbolication"
    )
    assert attachment([]) == ""


@pytest.mark.parametrize("text", ["x" * 1001, "a\0b"])
def test_attachment_description_is_bounded(text: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        attachment([("description", text)])
    assert set(caught.value.fields) == {"description"}


NAMES = st.sampled_from(
    [name for name, _ in CURL] + ["tags[]", "filter", "filter[]", "filter[0]", "deployer", "buildPlatform"]
)
ANY_TEXT = st.text(st.characters(codec=None))
JSON_TEXT = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["name", "info", "commit"]) | st.text(), inner),
    max_leaves=10,
).map(json.dumps)


@settings(deadline=None)
@given(st.lists(st.tuples(NAMES | ANY_TEXT, ANY_TEXT | JSON_TEXT)))
def test_whatever_is_sent_is_taken_or_refused(form: Form) -> None:
    for read in (submission, attachment):
        named = refusal(partial(read, form))
        assert named != {}
        encode(failed(1000, "Invalid Request", named)).decode()


@settings(deadline=None)
@given(st.lists(st.tuples(NAMES, st.text())))
def test_whatever_is_taken_fits_the_database(form: Form) -> None:
    try:
        said = submission(form)
    except InvalidRequest:
        return
    assert len(said.version_name) <= 255
    assert len(said.tags) <= 100
    assert all(0 < len(tag) <= 128 and tag == tag.strip() for tag in said.tags)
    assert len(set(said.tags)) == len(said.tags)
    assert "\\x00" not in repr(said)
