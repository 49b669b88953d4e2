import io
from pathlib import Path

import pytest
from PIL import Image

from seatrial.parsers.icons import IconUnreadable
from seatrial.parsers.svg import redrawn, svg_as_png

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'

LAYER = '<g opacity=".5"/>'


def colour(data: str, at: tuple[int, int] = (10, 10)) -> object:
    return Image.open(io.BytesIO(svg_as_png(data.encode()))).convert("RGBA").getpixel(at)


def test_shapes_gradients_and_clips_are_drawn() -> None:
    picture = f"""{HEAD} viewBox="0 0 10 10">
    <defs><linearGradient id="a"><stop offset="0" stop-color="#00f"/></linearGradient>
    <linearGradient id="b" xlink:href="#a"/><clipPath id="c"><rect width="5" height="10"/></clipPath></defs>
    <g clip-path="url(#c)"><rect width="10" height="10" fill="url(#b)"/></g></svg>"""
    assert colour(picture) == (0, 0, 255, 255)
    assert colour(picture, (250, 10)) == (0, 0, 0, 0)


def test_nothing_leads_out_of_the_picture(tmp_path: Path) -> None:
    secret = tmp_path / "secret.png"
    Image.new("RGB", (8, 8), "red").save(secret)
    outside = (
        f'<image width="8" height="8" href="{secret}"/><image width="8" height="8" xlink:href="file://{secret}"/>'
        f'<use href="{secret}#a"/><rect width="8" height="8" fill="url({secret}#a)" style="filter:url({secret})"/>'
        f'<style>rect {{ fill: url("{secret}") }} @import "{secret}";</style><script>1</script>'
        f'<foreignObject><image href="{secret}"/></foreignObject><text>x</text>'
        f'<linearGradient id="g" xlink:href="{secret}#a"/>'
    )
    document, width, height = redrawn(f'{HEAD} viewBox="0 0 8 8">{outside}</svg>'.encode())
    assert (width, height) == (256, 256)
    for word in (str(secret), "image", "use", "style", "script", "foreign", "text", "filter", "import"):
        assert word not in document
    assert colour(f'{HEAD} viewBox="0 0 8 8">{outside}</svg>') != (255, 0, 0, 255)


def test_sizes_are_ours() -> None:
    _, width, height = redrawn(f'{HEAD} width="100000px" height="50000"/>'.encode())
    assert (width, height) == (256, 128)
    _, width, height = redrawn(f'{HEAD} width="100000" height="100000" viewBox="-5 -5 1 4"/>'.encode())
    assert (width, height) == (64, 256)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg",
        b"<html/>",
        b"<svg/>",
        f"{HEAD}/>".encode(),
        f'{HEAD} viewBox="0 0 0 5"/>'.encode(),
        f'{HEAD} width="1e99" height="5"/>'.encode(),
        f'<!DOCTYPE svg [<!ENTITY a "b">]>{HEAD} viewBox="0 0 5 5">&a;</svg>'.encode(),
        f'<!DOCTYPE svg SYSTEM "file:///etc/passwd">{HEAD} viewBox="0 0 5 5">&a;</svg>'.encode(),
        f'{HEAD} viewBox="0 0 5 5">{"<g>" * 40}{"</g>" * 40}</svg>'.encode(),
        f'{HEAD} viewBox="0 0 5 5">{"<g/>" * 6000}</svg>'.encode(),
        f'{HEAD} viewBox="0 0 5 5"><path d="{"L1 1" * 20_000}"/></svg>'.encode(),
        f'{HEAD} viewBox="0 0 5 5"><polygon points="{"1 1 " * 20_000}"/></svg>'.encode(),
        f'{HEAD} viewBox="0 0 5 5">{LAYER * 60}</svg>'.encode(),
        f'{HEAD} viewBox="0 0 5 5">{" " * (1 << 20)}</svg>'.encode(),
    ],
)
def test_what_cannot_be_drawn_is_refused(data: bytes) -> None:
    with pytest.raises(IconUnreadable):
        svg_as_png(data)


def test_a_document_type_alone_is_taken() -> None:
    kind = '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">'
    assert colour(f'{kind}{HEAD} viewBox="0 0 5 5"><rect width="5" height="5" fill="#0f0"/></svg>') == (0, 255, 0, 255)


def test_clips_are_not_chained() -> None:
    chain = "".join(
        f'<clipPath id="c{i}" clip-path="url(#c{i + 1})"><rect clip-path="url(#c{i})"/></clipPath>' for i in range(30)
    )
    document, _, _ = redrawn(f'{HEAD} viewBox="0 0 5 5">{chain}<g style="clip-path: url(#c0)"/></svg>'.encode())
    assert document.count("clip-path=") == 1
