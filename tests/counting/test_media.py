"""What documents cost, and pictures as they stand in a request."""

import base64

import pytest

from proxy.canonical.parts import Media
from proxy.counting.families import FAMILIES
from proxy.counting.media import Weight, weight_of
from tests.counting.pictures import image, jpeg, png

FAMILY = FAMILIES[0]
PAGE = FAMILY.page_tokens
PDF = "application/pdf"


def document(content: bytes, media_type: str | None = PDF) -> Media:
    data = base64.b64encode(content).decode()
    return Media(kind="document", media_type=media_type, data=data)


@pytest.mark.parametrize(
    ("media", "weight"),
    [
        pytest.param(
            document(b"%PDF-1.4 <</Type/Pages/Count 2>> <</Type /Page>> <</Type\n/Page/Parent"),
            Weight((), 2 * PAGE),
            id="a PDF that shows its pages",
        ),
        pytest.param(
            document(b"%PDF-1.7 1 0 obj <</Linearized 1/L 900/H [ 5 6 ]/O 9/E 7/N 31/T 8>>"),
            Weight((), 31 * PAGE),
            id="a PDF for the web tells how many it has",
        ),
        pytest.param(
            document(b"%PDF-1.7" + bytes(150_000)), Weight((), 3 * PAGE), id="a PDF that hides them"
        ),
        pytest.param(
            document(bytes(9_000_000)), Weight((), 100 * PAGE), id="a long one that hides them"
        ),
        pytest.param(
            document(b"<</Linearized 1/N 999999>>"), Weight((), 1000 * PAGE), id="one that lies"
        ),
        pytest.param(document(b"", None), Weight((), 0), id="an empty file"),
        pytest.param(
            Media(kind="document", url="https://x.org/a.pdf", title="A paper"),
            Weight(("A paper",), 10 * PAGE),
            id="a URL is taken for ten pages",
        ),
        pytest.param(
            Media(kind="document", media_type=PDF, data="é"), Weight((), 10 * PAGE), id="no base64"
        ),
        pytest.param(
            document("größer".encode(), "text/markdown"),
            Weight(("größer",), 0),
            id="text in base64",
        ),
        pytest.param(
            document(b'{"a":1}', "application/json"), Weight(('{"a":1}',), 0), id="JSON in base64"
        ),
        pytest.param(
            Media(kind="text", media_type="text/plain", data="words", title="t"),
            Weight(("t", "words"), 0),
            id="text",
        ),
        pytest.param(image(png(280, 56)), Weight((), 20), id="a picture"),
        pytest.param(
            image(jpeg(280, 56, *[bytes(65_000)] * 4) + bytes(900_000)),
            Weight((), 20),
            id="a photo whose size comes late",
        ),
        pytest.param(
            Media(kind="image", url="https://x.org/a.png"),
            Weight((), 1568),
            id="a picture behind a URL",
        ),
        pytest.param(
            Media(kind="image", media_type="image/png", data="A"), Weight((), 1568), id="no picture"
        ),
    ],
)
def test_what_media_cost(media: Media, weight: Weight) -> None:
    assert weight_of(media, FAMILY) == weight


def test_line_ends_in_base64_are_no_matter() -> None:
    whole = image(png(280, 56))
    broken = base64.encodebytes(png(280, 56)).decode()
    assert weight_of(Media(kind="image", data=broken), FAMILY) == weight_of(whole, FAMILY)
