"""Rules of trusted publishing: patterns, conditions, and what an identity token proves."""

import time

import pytest

from seatrial.domain.trusted_publisher import CiSystem, claimed, fits, unmet, vouched, wrong_conditions

GITHUB = "https://token.actions.githubusercontent.com"


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("refs/heads/main", "refs/heads/main", True),
        ("refs/heads/main", "refs/heads/main2", False),
        ("refs/heads/main", "refs/heads/Main", False),
        ("refs/heads/release/*", "refs/heads/release/2.4", True),
        ("refs/heads/release/*", "refs/heads/release/", True),
        ("refs/heads/release/*", "refs/heads/release/2/x", False),
        ("refs/heads/**", "refs/heads/release/2/x", True),
        ("refs/tags/v*.*", "refs/tags/v1.0", True),
        ("refs/tags/v*.*", "refs/tags/v1", False),
        ("*", "", True),
        ("*", "a/b", False),
        ("**", "a/b\nc", True),
        ("a.c", "abc", False),
        ("a[bc]", "ab", False),
        ("**/app", "group/sub/app", True),
        ("*a*", "*a*", True),
        ("", "", True),
    ],
)
def test_a_pattern_means_a_whole_text(pattern: str, text: str, expected: bool) -> None:
    assert fits(pattern, text) is expected


def test_a_text_chosen_to_take_long_does_not() -> None:
    began = time.process_time()
    assert not fits("*a" * 100 + "b", "a" * 4096)
    assert time.process_time() - began < 20  # a matcher that backtracks would need longer than the universe has


@pytest.mark.parametrize(
    ("system", "conditions", "part"),
    [
        (CiSystem.GITHUB, {}, "must name repository"),
        (CiSystem.GITHUB, {"ref": ("refs/heads/main",)}, "must name repository"),
        (CiSystem.GITHUB, {"repository": ("*/app",)}, "without an asterisk"),
        (CiSystem.GITHUB, {"repository": ("acme/app", "**")}, "without an asterisk"),
        (CiSystem.GITHUB, {"repository": ("acme*/app",)}, "without an asterisk"),
        (CiSystem.GITHUB, {"repository": ("",)}, "at least one pattern"),
        (CiSystem.GITHUB, {"repository": ("acme/app",), "aud": ("x",)}, "cannot ask for aud"),
        (CiSystem.GITLAB, {"repository": ("acme/app",)}, "must name project_path"),
        (CiSystem.OTHER, {"sub": ("**",)}, "at least one claim with a value"),
        (CiSystem.OTHER, {"sub": ("job:1", "*")}, "at least one claim with a value"),
        (CiSystem.OTHER, {"sub": ("job:*",)}, ""),
        (CiSystem.GITHUB, {"repository": ("acme/*",), "ref": ("*",)}, ""),
        (CiSystem.GITLAB, {"project_path": ("acme/**",)}, ""),
    ],
)
def test_a_rule_says_whose_runs_it_means(system: CiSystem, conditions: dict[str, tuple[str, ...]], part: str) -> None:
    said = wrong_conditions(system, conditions)
    assert part in said
    assert bool(said) is bool(part)


def test_claims_are_texts_truths_numbers_and_lists() -> None:
    claims = {
        "ref_protected": True,
        "run": 7,
        "groups": ["a", "b"],
        "nested": {"x": "y"},
        "a.b/c": "named",
        "none": None,
    }
    assert [claimed(claims, name) for name in ("ref_protected", "run", "groups", "nested", "nested.x", "a.b/c")] == [
        ("true",),
        ("7",),
        ("a", "b"),
        (),
        ("y",),
        ("named",),
    ]
    rule = {"ref_protected": ("true",), "groups": ("b",), "none": ("*",), "missing": ("**",)}
    assert unmet(rule, claims) == ("none", "missing")


def test_a_token_of_github_proves_branch_commit_and_run() -> None:
    said = {"repository": "acme/app", "ref": "refs/heads/main", "sha": "abc", "run_id": "12"}
    run = {"repositoryUrl": "https://github.com/acme/app", "buildUrl": "https://github.com/acme/app/actions/runs/12"}
    assert vouched(CiSystem.GITHUB, GITHUB, said) == run | {"branch": "main", "tag": "", "commit": "abc"}
    request = said | {"ref": "refs/pull/3/merge"}
    assert vouched(CiSystem.GITHUB, GITHUB, request) == run
    tagged = {"project_path": "g/app", "ref": "v1/rc", "ref_type": "tag", "sha": "abc", "job_id": "9"}
    assert vouched(CiSystem.GITLAB, "https://gitlab.com", tagged) == {
        "repositoryUrl": "https://gitlab.com/g/app",
        "buildUrl": "https://gitlab.com/g/app/-/jobs/9",
        "branch": "",
        "tag": "v1/rc",
        "commit": "abc",
    }
