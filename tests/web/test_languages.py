"""Every sentence of the pages is said in every complete language, with the same values in it."""

import re

import pytest
from babel.messages import Message
from babel.messages.pofile import read_po

from seatrial.web.locale import CATALOGS, COMPLETE, SOURCE, language, preferred
from tests.web.sentences import Sentence, sentences

PLACE = re.compile(r"{\w+}")


def keys_of(sentence: Sentence) -> tuple[str, str]:
    return (sentence, sentence) if isinstance(sentence, str) else sentence


def forms_of(message: Message | None) -> tuple[str, ...]:
    said = message.string if message else ()
    return tuple(str(text) for text in (said if isinstance(said, (tuple, list)) else (said or "",)))


@pytest.mark.parametrize("tag", [tag for tag in COMPLETE if tag != SOURCE])
def test_a_complete_language_says_everything(tag: str) -> None:
    with (CATALOGS / f"{tag}.po").open("rb") as file:
        catalog = read_po(file)
    said = sentences()
    assert len(said) > 100
    missing, wrong = [], []
    for sentence, where in said.items():
        one, many = keys_of(sentence)
        message = catalog.get(one)
        texts = forms_of(message)
        if not texts or not all(texts) or (message and message.fuzzy):
            missing.append(f"{where}: {sentence}")
        elif isinstance(sentence, tuple) != (len(texts) > 1):
            wrong.append(f"{sentence}: must have {'all' if isinstance(sentence, tuple) else 'no'} plural forms")
        # The form for one may leave the number out.
        elif set(PLACE.findall(texts[-1])) != set(PLACE.findall(many)):
            wrong.append(f"{sentence}: {texts}")
    assert (missing, wrong) == ([], [])


@pytest.mark.parametrize("tag", [tag for tag in COMPLETE if tag != SOURCE])
def test_a_catalog_has_nothing_that_nobody_says(tag: str) -> None:
    with (CATALOGS / f"{tag}.po").open("rb") as file:
        catalog = read_po(file)
    known = {keys_of(sentence)[0] for sentence in sentences()}
    extra = [
        message.id
        for message in catalog
        if message.id and (message.id if isinstance(message.id, str) else message.id[0]) not in known
    ]
    assert extra == []


def test_counts_and_numbers_are_those_of_the_language() -> None:
    spanish = language("es")
    assert spanish.count("{n} build", "{n} builds", 1) == "1 compilación"
    assert spanish.count("{n} build", "{n} builds", 12345) == "12.345 compilaciones"
    assert spanish.size(48_200_000) == "48,2 MB"
    assert language("en").count("{n} build", "{n} builds", 1) == "1 build"


def test_a_browser_gets_the_best_of_its_languages() -> None:
    wishes = {"es-MX,en;q=0.5": "es", "de,en;q=0.8": "en", "": "en", "fr,es;q=0.1": "es", "en;q=0.2,es;q=0.9": "es"}
    assert {wish: preferred("", wish).tag for wish in wishes} == wishes
    assert preferred("es", "en").tag == "es"
    assert preferred("xx", "en").tag == "en"
