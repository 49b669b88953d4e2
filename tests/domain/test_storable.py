"""Texts of strangers: what comes out can be kept, and what can be kept comes out."""

from hypothesis import given
from hypothesis import strategies as st

from seatrial.domain.storable import storable


@given(st.text(st.characters(exclude_categories=())), st.integers(0, 20))
def test_what_comes_out_can_be_kept(text: str, limit: int) -> None:
    kept = storable(text, limit)
    assert "\0" not in kept
    assert len(kept) <= limit
    kept.encode()


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0")))
def test_what_can_be_kept_stays(text: str) -> None:
    assert storable(text) == text
