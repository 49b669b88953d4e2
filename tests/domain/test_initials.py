"""Letters that stand for a picture."""

import pytest

from seatrial.domain.initials import initials


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("tide tables pro", "TT"),
        ("Tide", "T"),
        ("com.acme-wallet_beta", "CA"),
        ("ada.byron@harbour.example", "AB"),
        ("@harbour", "H"),
        ("(Beta) Ärmel", "BÄ"),
        ("2048", "2"),
        ("...", "·"),
        ("", "·"),
    ],
)
def test_a_name_has_letters_that_stand_for_it(name: str, letters: str) -> None:
    assert initials(name) == letters
