"""The size of a picture, from its first bytes, and what it costs."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.counting.families import family_of
from proxy.counting.pictures import Patches, Size, size_of
from tests.counting.pictures import gif, jpeg, png, webp_extended, webp_lossless, webp_lossy

KINDS = [
    pytest.param(png, id="PNG"),
    pytest.param(jpeg, id="JPEG"),
    pytest.param(gif, id="GIF"),
    pytest.param(webp_lossy, id="lossy WebP"),
    pytest.param(webp_lossless, id="lossless WebP"),
    pytest.param(webp_extended, id="extended WebP"),
]


@pytest.mark.parametrize("made", KINDS)
def test_the_size_stands_in_the_head(made: Callable[[int, int], bytes]) -> None:
    assert size_of(made(1920, 1080)) == Size(1920, 1080)


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(
            jpeg(7, 9, bytes(65_533), b"\xff\xd8\xff\xc0" * 99), id="behind long segments"
        ),
        pytest.param(jpeg(7, 9, frame=0xC2), id="progressive"),
        pytest.param(jpeg(7, 9).replace(b"\xff\xc0", b"\xff\xff\xff\xc0"), id="behind fill bytes"),
        pytest.param(
            jpeg(7, 9).replace(b"\xff\xc0", b"\xff\x01\xff\xc0"), id="behind a bare marker"
        ),
    ],
)
def test_the_size_of_a_jpeg(head: bytes) -> None:
    assert size_of(head) == Size(7, 9)


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"<svg width='5' height='5'/>", id="another format"),
        pytest.param(jpeg(7, 9, frame=0xC4), id="a JPEG that has pixels before a size"),
        pytest.param(jpeg(7, 9)[:8], id="a JPEG that is cut off"),
        pytest.param(jpeg(7, 9, bytes(9))[:9], id="a JPEG that is cut off in a segment"),
        pytest.param(b"\xff\xd8\xff\xd9", id="a JPEG of no picture"),
        pytest.param(png(2, 2)[:20], id="a PNG that is cut off"),
        pytest.param(gif(0, 5), id="a size of nothing"),
        pytest.param(webp_lossy(5, 5)[:28], id="a lossy WebP that is cut off"),
        pytest.param(webp_lossless(5, 5)[:24], id="a lossless WebP that is cut off"),
        pytest.param(webp_extended(5, 5)[:29], id="an extended WebP that is cut off"),
        pytest.param(webp_extended(5, 5).replace(b"VP8X", b"ALPH"), id="a WebP of another kind"),
    ],
)
def test_no_size_is_no_size(head: bytes) -> None:
    assert size_of(head) is None


@given(st.sampled_from([b"", b"\xff\xd8", b"RIFF....WEBPVP8 ", b"GIF89a"]), st.binary())
def test_no_head_is_too_strange(begin: bytes, rest: bytes) -> None:
    size = size_of(begin + rest)
    assert size is None or min(size) > 0


SONNET, HAIKU, GPT, GEMINI = (
    "claude-sonnet-5-5",
    "claude-haiku-4-5",
    "gpt-6-astra",
    "gemini-3.8-pro",
)


@pytest.mark.parametrize(
    ("model", "size", "detail", "tokens"),
    [
        # Counts of the vendors' APIs, without the 77, 65 and 0 tokens of the prompt around them:
        # image-token-cost (JOHNISKING, Hugging Face, 2026-10).
        pytest.param(SONNET, (256, 256), None, 177 - 77, id="Sonnet, small"),
        pytest.param(SONNET, (1024, 1024), None, 1446 - 77, id="Sonnet, a square"),
        pytest.param(SONNET, (1280, 720), None, 1273 - 77, id="Sonnet, wide"),
        pytest.param(SONNET, (1080, 1920), None, 2768 - 77, id="Sonnet, high"),
        pytest.param(HAIKU, (768, 768), None, 849 - 65, id="Haiku, small"),
        pytest.param(HAIKU, (1024, 1024), None, 1434 - 65, id="Haiku, a square"),
        pytest.param(GPT, (256, 256), None, 77, id="GPT, small"),
        pytest.param(GPT, (1920, 1080), None, 2448, id="GPT, wide"),
        pytest.param(GPT, (4032, 3024), None, 14364, id="GPT, a photo, not scaled down"),
        # What the API scales down first: some more than it counts (1560, 2942, 1101).
        pytest.param(HAIKU, (1920, 1080), None, 1568, id="Haiku, scaled down to its budget"),
        pytest.param(GPT, (4032, 3024), "high", 3000, id="GPT, high detail"),
        pytest.param(GEMINI, (1920, 1080), None, 1120, id="Gemini, any size"),
        pytest.param(SONNET, (8000, 8), None, 92, id="Sonnet, scaled down by its edge"),
        pytest.param(GPT, (4032, 3024), "low", 231, id="GPT, low detail"),
        pytest.param("glm-5", (4032, 3024), "low", 3000, id="others know no detail"),
        pytest.param(SONNET, None, None, 4784, id="Sonnet, unknown size"),
        pytest.param(HAIKU, None, None, 1568, id="Haiku, unknown size"),
        pytest.param(GPT, None, None, 3000, id="GPT, unknown size"),
        pytest.param(GPT, None, "low", 308, id="GPT, unknown size, low detail"),
    ],
)
def test_what_a_picture_costs(
    model: str, size: tuple[int, int] | None, detail: str | None, tokens: int
) -> None:
    known = None if size is None else Size(*size)
    assert family_of(model).image(known, detail) == tokens


@given(st.integers(1, 2**32), st.integers(1, 2**32))
def test_no_picture_is_free_or_above_the_budget(width: int, height: int) -> None:
    tokens = Patches(side_px=28, most=1568, longest_px=1568).tokens(Size(width, height))
    assert 1 <= tokens <= 1568
