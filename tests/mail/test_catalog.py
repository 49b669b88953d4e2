"""Every sentence in every language, with the same placeholders; dates and numbers as people there write them."""

import tomllib
from datetime import UTC, datetime
from string import Formatter

import pytest

from seatrial.domain.mail import LANGUAGES
from seatrial.mail.catalog import CATALOGS, words

MOMENT = datetime(2026, 11, 8, 16, 5, tzinfo=UTC)
WRITTEN = {
    "en": ("8 November 2026", "1.5\u00a0MB"),
    "es": ("8 de noviembre de 2026", "1,5\u00a0MB"),
    "fr": ("8 novembre 2026", "1,5\u00a0Mo"),
    "de": ("8. November 2026", "1,5\u00a0MB"),
    "it": ("8 novembre 2026", "1,5\u00a0MB"),
    "zh": ("2026年11月8日", "1.5\u00a0MB"),
    "pt": ("8 de novembro de 2026", "1,5\u00a0MB"),
    "ru": ("8 ноября 2026 г.", "1,5\u00a0МБ"),
}


def sentences(language: str) -> dict[str, frozenset[str]]:
    """Give every key with the placeholders of its sentence."""
    said = tomllib.loads((CATALOGS / f"{language}.toml").read_text("utf-8"))
    return {
        f"{section}.{key}": frozenset(name for _, name, _, _ in Formatter().parse(text) if name)
        for section, keys in said.items()
        for key, text in keys.items()
        if isinstance(text, str) and section != "format"
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_there_with_its_placeholders(language: str) -> None:
    assert sentences(language) == sentences("en")


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {"en"}))
def test_no_sentence_was_left_in_english(language: str) -> None:
    theirs, ours = (tomllib.loads((CATALOGS / f"{name}.toml").read_text("utf-8")) for name in (language, "en"))
    same = {
        f"{section}.{key}"
        for section, keys in theirs.items()
        for key, text in keys.items()
        if isinstance(text, str) and text == ours[section][key] and " " in text and section != "format"
    }
    # German and Italian developers say "Build", too.
    assert same <= {"certificate_expiring.build"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_dates_and_sizes(language: str) -> None:
    spoken = words(language)
    assert (spoken.day(MOMENT), spoken.size(1_500_000)) == WRITTEN[language]
    assert "16:05" in spoken.moment(MOMENT)


def test_the_catalogs_are_those_languages() -> None:
    assert {path.stem for path in CATALOGS.glob("*.toml")} == set(LANGUAGES)
    assert words("ge").language == "en"  # the wire turns the documents' word for German into `de` before
