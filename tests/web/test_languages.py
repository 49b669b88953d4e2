"""Every sentence of the pages is said in every complete language, with the same values in it."""

import ast
import re
from functools import cache

import pytest
from babel.messages import Catalog, Message
from babel.messages.pofile import read_po

from seatrial.services.doctor_house import clock
from seatrial.web.dashboard.view import environment, icon
from seatrial.web.locale import CATALOGS, COMPLETE, SOURCE, language, preferred
from seatrial.web.retelling import CONTEXT
from seatrial.web.speech import speech
from tests.web.sentences import Sentence, sentences
from tests.web.stored_sentences import made_by, stored_sentences

PLACE = re.compile(r"{\w+}")


@cache
def catalog_of(tag: str) -> Catalog:
    with (CATALOGS / f"{tag}.po").open("rb") as file:
        return read_po(file)


def keys_of(sentence: Sentence) -> tuple[str, str]:
    return (sentence, sentence) if isinstance(sentence, str) else sentence


def forms_of(message: Message | None) -> tuple[str, ...]:
    said = message.string if message else ()
    return tuple(str(text) for text in (said if isinstance(said, (tuple, list)) else (said or "",)))


@pytest.mark.parametrize("tag", [tag for tag in COMPLETE if tag != SOURCE])
def test_a_complete_language_says_everything(tag: str) -> None:
    catalog = catalog_of(tag)
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
    catalog = catalog_of(tag)
    known = {keys_of(sentence)[0] for sentence in sentences()}
    extra = [
        message.id
        for message in catalog
        if message.id
        and message.context != CONTEXT
        and (message.id if isinstance(message.id, str) else message.id[0]) not in known
    ]
    assert extra == []


@pytest.mark.parametrize("tag", [tag for tag in COMPLETE if tag != SOURCE])
def test_a_complete_language_says_what_is_kept_in_english(tag: str) -> None:
    messages = {message.id: message for message in catalog_of(tag) if message.context == CONTEXT}
    made = stored_sentences()
    assert len(made) > 600
    missing = [f"{where}: {sentence}" for sentence, where in made.items() if not forms_of(messages.get(sentence))[0]]
    wrong = [
        f"{sentence}: {message.string}"
        for sentence, message in messages.items()
        if message.fuzzy or sorted(PLACE.findall(str(sentence))) != sorted(PLACE.findall(str(message.string)))
    ]
    assert (missing, wrong, [sentence for sentence in messages if sentence not in made]) == ([], [], [])


def test_a_new_sentence_of_the_code_is_one_to_be_translated() -> None:
    code = """
def look(holes, warnings):
    'It is a docstring.'
    log.warning("a hull was seen")
    state = "sinking" if holes else "afloat"
    warnings.append(f"The hull has {len(holes):,} holes; it is {state}.")
    raise BuildFileInvalid(CODE, "It leaks.")
"""
    made = {"The hull has {holes} holes; it is {state}.", "sinking", "afloat", "It leaks."}
    assert set(made_by(ast.parse(code))) == made


def test_every_kept_sentence_is_found_again_in_its_text() -> None:
    spanish = language("es")
    for sentence in stored_sentences():
        places = {place: f"v{number}" for number, place in enumerate(PLACE.findall(sentence))}
        text, said = sentence, forms_of(catalog_of("es").get(sentence, CONTEXT))[0]
        for place, value in places.items():
            text, said = text.replace(place, value), said.replace(place, value)
        assert spanish.retell(text) == said


@pytest.mark.parametrize(
    ("text", "spanish"),
    [
        (
            "The APK is not signed; Android refuses to install it.",
            "El APK no está firmado; Android no permite instalarlo.",
        ),
        ("“started” cannot be read: it is cut off.", "No se puede leer «started»: está incompleto."),
        ("12,345,678 bytes are free for uploads.", "Hay 12.345.678 bytes libres para subidas."),
        (
            "These APKs of the set cannot be read: “a”, “b c” and 1,200 more (its size is wrong).",
            "No se pueden leer estos APK del conjunto: “a”, “b c” y 1.200 más (su tamaño es incorrecto).",
        ),
        (
            "An answered upload may be lost in a power cut: fsync is off, synchronous is 1.",
            "Una subida confirmada puede perderse en un corte de luz: fsync es off, synchronous es 1.",
        ),
        ("Words of an older version that nobody says any more, and more is wrong", None),
    ],
)
def test_kept_text_is_said_with_its_values(text: str, spanish: str | None) -> None:
    assert language("es").retell(text) == spanish
    assert language("en").retell(text) == text


def test_what_the_doctor_finds_and_the_files_say_is_shown_in_spanish_or_marked_as_english() -> None:
    shown = environment.from_string(
        '{% from "dashboard/parts.html" import stored with context %}{% for one in said %}[{{ stored(one) }}]{% endfor %}'
    )
    found = clock("the database", 99)
    page = shown.render(
        speech(language("es")), drawn_icon=icon, said=[found.says, found.fix, "The <b>moon</b> is not up."]
    )
    assert "[El reloj de esta máquina y el de la base de datos difieren en 99 segundos.]" in page
    assert "[Sincroniza ambos con NTP" in page
    assert '[<span lang="en">The &lt;b&gt;moon&lt;/b&gt; is not up.</span>]' in page


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
