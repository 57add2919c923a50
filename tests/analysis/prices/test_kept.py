"""List prices that are kept: the same as looked up, and no harm where they cannot be kept."""

from pathlib import Path

import pytest

from analysis.prices import kept
from analysis.prices.listing import Found, Named, found

NAMES = [
    Named("anthropic", "claude-sonnet-4-5", None),
    Named("relay", "deepseek-chat", None),
    Named("alibaba", "qwen3-coder-plus", None),
    Named("openai", "gpt-5.1", "flex"),
    Named("relay", "no-such-model", None),
]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(kept.platformdirs, "user_cache_path", lambda *_, **__: tmp_path / "cache")
    return tmp_path / "cache"


def refuse(named: Named) -> Found | None:
    raise AssertionError(f"{named} is looked up once more")


def test_what_is_kept_is_what_the_lists_say(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = {one: found(one) for one in NAMES}
    assert kept.looked_up(NAMES) == wanted
    monkeypatch.setattr(kept, "found", refuse)
    assert kept.looked_up(NAMES) == wanted
    assert kept.looked_up(NAMES[:1]) == {NAMES[0]: wanted[NAMES[0]]}


@pytest.mark.parametrize("content", [b"", b"[", b'[{"named":7}]', b"\xff\xfe"])
def test_what_cannot_be_read_is_made_anew(folder: Path, content: bytes) -> None:
    wanted = kept.looked_up(NAMES)
    (file,) = folder.iterdir()
    file.write_bytes(content)
    assert kept.looked_up(NAMES) == wanted
    assert file.read_bytes() != content


def test_a_folder_that_cannot_be_written_is_no_hindrance(folder: Path) -> None:
    folder.touch()
    assert kept.looked_up(NAMES)[NAMES[0]] is not None
    assert folder.read_bytes() == b""


def test_lists_of_another_version_are_not_asked(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.looked_up(NAMES)
    (old,) = folder.iterdir()
    monkeypatch.setattr(kept, "_of_what", lambda: "another")
    monkeypatch.setattr(kept, "found", lambda _: None)
    assert set(kept.looked_up(NAMES).values()) == {None}
    assert [one.name for one in folder.iterdir()] == ["list-prices-another.json"] != [old.name]


def test_names_that_were_made_up_do_not_fill_the_disk(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "found", lambda _: None)
    kept.looked_up(Named("relay", f"model-{k}", None) for k in range(kept._MOST))
    kept.looked_up([Named("relay", "one more", None)])
    (file,) = folder.iterdir()
    assert file.read_bytes().count(b"vendor") == 1
