from hypothesis import given
from hypothesis import strategies as st

from seatrial.domain.build import DEPLOYER_INFO_KEYS, Deployer, Notification, Submission
from seatrial.domain.platforms import BUILD_PLATFORMS
from seatrial.wire.upload_form import form_fields
from seatrial.wire.uploads import submission

said = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40).map(str.strip)
word = said.filter(bool)
names = st.lists(word, max_size=4, unique=True).map(tuple)
submissions = st.builds(
    Submission,
    version_name=said,
    tags=names,
    changelog=said,
    build_platform=st.sampled_from(["", *BUILD_PLATFORMS]),
    package_name=said,
    package_version=said,
    deployer=st.builds(Deployer, said, st.dictionaries(st.sampled_from(DEPLOYER_INFO_KEYS), word)),
    notification=st.builds(
        Notification,
        collaborators=st.none() | st.booleans(),
        employees=st.none() | st.booleans(),
        message=said,
        language=st.sampled_from(["", "es", "en", "fr", "de", "it", "zh", "pt", "ru"]),
        groups=st.lists(names.filter(bool), max_size=4).map(tuple),
    ),
)


@given(submissions)
def test_what_is_written_is_read_back(one: Submission) -> None:
    assert submission(form_fields(one)) == one


def test_the_documents_own_upload() -> None:
    one = Submission(
        version_name="v2.4.0-rc1",
        tags=("staging", "sprint-42"),
        deployer=Deployer("GitHub Actions", {"commit": "f52ace0"}),
        notification=Notification(collaborators=True, employees=False, groups=(("group1", "group2"), ("group3",))),
    )
    assert form_fields(one) == [
        ("versionName", "v2.4.0-rc1"),
        ("tags", "staging,sprint-42"),
        ("notifyCollaborators", "true"),
        ("notifyEmployees", "false"),
        ("deployer.name", "GitHub Actions"),
        ("deployer.info.commit", "f52ace0"),
        ("filter[0][0]", "group1"),
        ("filter[0][1]", "group2"),
        ("filter[1][0]", "group3"),
    ]


def test_nothing_said_is_nothing_sent() -> None:
    assert form_fields(Submission()) == []


def test_a_tag_may_hold_a_comma_or_begin_like_json() -> None:
    assert submission(form_fields(Submission(tags=("a, b", "c")))).tags == ("a, b", "c")
    assert submission(form_fields(Submission(tags=('["x"]',)))).tags == ('["x"]',)
