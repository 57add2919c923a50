"""Where citations stand, and that streams carry them as whole answers do."""

import pytest

from proxy.canonical.answer import Answer, Cited, Ended
from proxy.canonical.citing import Row, source
from proxy.canonical.fold import fold, unfold
from proxy.canonical.parts import Citation, Text, Thinking
from proxy.canonical.request import Loss
from proxy.canonical.skipped import Skipped

PAGE = Citation(url="https://a.example", title="A", quote="q", start=0, end=2)
BOOK = Citation(title="B")


def test_a_stream_folds_to_the_answer_with_its_citations() -> None:
    said = Answer(
        parts=(Text(text="ab", citations=(PAGE, BOOK)), Thinking(text="hm"), Text(text="c"))
    )
    assert fold(unfold(said)) == said


def test_a_citation_may_come_after_its_text() -> None:
    told = list(unfold(Answer(parts=(Text(text="ab"),))))
    told.insert(told.index(Ended(0)) + 1, Cited(index=0, citation=BOOK))
    answer = fold(told)
    assert answer is not None
    assert answer.parts == (Text(text="ab", citations=(BOOK,)),)


def row() -> Row:
    texts = Row()
    for index, text in ((1, "abc"), (4, "de")):
        texts.began(index)
        texts.said(text)
    return texts


@pytest.mark.parametrize(
    ("span", "index", "own"),
    [
        pytest.param((0, 3), 1, (0, 3), id="all of the first"),
        pytest.param((3, 5), 4, (0, 2), id="all of the second"),
        pytest.param((2, 5), 1, (2, 3), id="over the border: as far as the first goes"),
        pytest.param((4, 9), 4, (1, 6), id="beyond the end: as it was said"),
        pytest.param((None, None), 4, (None, None), id="nowhere: the last one"),
    ],
)
def test_a_place_in_the_row_is_one_in_a_text(
    span: tuple[int | None, int | None], index: int, own: tuple[int | None, int | None]
) -> None:
    said = Citation(title="B", start=span[0], end=span[1])
    heard = Citation(title="B", start=own[0], end=own[1])
    assert row().placed(said) == Cited(index=index, citation=heard)


def test_without_texts_there_is_no_place() -> None:
    assert Row().placed(PAGE) is None
    assert row().span(1) == (0, 3)
    assert row().span(4) == (3, 5)


@pytest.mark.parametrize(
    ("start", "end"), [(-1, 2), (3, 2), (None, 2), (0, float("inf")), (float("nan"), 1)]
)
def test_a_span_that_is_none_is_left_out(start: float | None, end: float | None) -> None:
    assert source("u", "", None, (start, end)) == Citation(url="u")


def test_without_a_source_there_is_no_citation() -> None:
    assert source("", None, "", (0, 1)) is None


def test_what_is_met_again_is_noted_once() -> None:
    losses: list[Loss] = []
    skipped = Skipped(losses)
    for _ in range(2):
        skipped.note("content[0]", "x" * 99, "why")
    assert losses == [Loss("content[0]", "x" * 64, "why")]
