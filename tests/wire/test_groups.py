from functools import partial

import pytest

from seatrial.wire.uploads import submission
from tests.wire.refusals import refusal

Form = list[tuple[str, str]]


@pytest.mark.parametrize(
    "form",
    [
        [("filter[0][0]", "a"), ("filter[0][1]", "b"), ("filter[1][0]", "c")],
        [("filter[1][0]", "c"), ("filter[0][1]", "b"), ("filter[0][0]", "a")],
        [("filter[0][]", "a"), ("filter[0][]", "b"), ("filter[1][]", "c")],
        [("filter[0]", "a,b"), ("filter[1]", "c")],
        [("filter[]", "a,b"), ("filter[]", "c")],
        [("filter.0.0", "a"), ("filter.0.1", "b"), ("filter.7.0", "c")],
        [("filter", "a,b|c")],
        [("filter", " a , b,,a | c |")],
        [("filter", '[["a","b"],["c"]]')],
        [("filter", '[["a"," b ",""],[],"c"]')],
        [("filter", "x"), ("filter", "a,b|c"), ("filter", "")],
        [("filter", "a,b"), ("filter[0][0]", "c")],
    ],
)
def test_decision_04_filter_comes_in_many_forms(form: Form) -> None:
    assert submission(form).notification.groups == (("a", "b"), ("c",))


@pytest.mark.parametrize("text", ["", "|", " , | ,", "[]", "[[]]", "|" * 500])
def test_decision_04_filter_of_nothing_is_none(text: str) -> None:
    assert submission([("filter", text)]).notification.groups == ()


@pytest.mark.parametrize(
    "form",
    [
        [("filter", "[[")],
        [("filter", '{"a": 1}')],
        [("filter", "[[1]]")],
        [("filter", '[[["a"]]]')],
        [("filter", "[" * 100_000)],
        [("filter[a][b]", "x")],
        [("filter[0][0][0]", "x")],
        [("filter[-1][0]", "x")],
        [("filter[99999999999][0]", "x")],
        [("filter[\ud800][0]", "x")],
        [("filter", "a\0")],
        [("filter", "x" * 129)],
        [("filter", "|".join("abc"[n % 3] for n in range(101)))],
        [("filter", ",".join(str(n) for n in range(101)))],
    ],
)
def test_decision_04_bad_filter_is_refused(form: Form) -> None:
    assert set(refusal(partial(submission, form)) or ()) == {"filter"}
