"""Each sample comes to the tables and the losses beside it; each was read by a person once."""

import tomllib
from pathlib import Path

import pytest

from proxy.config.adding import with_setup
from proxy.formats.registry import FORMATS, READ, recognised
from proxy.formats.setup import Read

SAMPLES = Path(__file__).parent / "samples"
FORM_OF = {
    "cc-proxy.json": "cc-proxy",
    "cc-proxy-map.json": "cc-proxy",
    "codex-cc-switch.json": "codex-cc-switch",
    "ccproxy.json": "ccproxy",
    "gateway.json": "gateway",
    "cc-switch.sql": "cc-switch-sql",
    "cc-switch-link.link": "cc-switch-link",
    "claude-code-router.json": "claude-code-router",
    "litellm.yaml": "litellm",
}


def read(form: str, text: str) -> Read:
    reads = FORMATS[form].read
    assert reads is not None
    return reads(text)


@pytest.mark.parametrize(("file", "form"), FORM_OF.items())
def test_a_sample_is_recognised_and_read(file: str, form: str) -> None:
    text = (SAMPLES / file).read_text()
    assert recognised(text) == (form,)
    found = read(form, text)
    expected = (SAMPLES / file).with_suffix(".toml").read_text()
    assert with_setup("", found.setup, replaces=False, first=False).text == expected
    assert tomllib.loads(expected)
    losses = (SAMPLES / file).with_suffix(".losses").read_text()
    told = [f"{before} is called {after}" for before, after in found.renamed.items()]
    assert "".join(f"{line}\n" for line in [*told, *map(str, found.losses)]) == losses


def test_every_format_that_is_read_has_a_sample() -> None:
    assert {*FORM_OF.values()} == {*READ}


@pytest.mark.parametrize(
    ("text", "forms"),
    [
        pytest.param(
            '{"Providers": [{"name": "a", "api_base_url": "https://a.example.com"}]}',
            ("ccproxy", "claude-code-router"),
            id="two tools have such a list",
        ),
        pytest.param('{"Providers": [], "Router": {}}', ("claude-code-router",), id="a router"),
        pytest.param('{"Providers": [], "TOKEN_PARAM": "x"}', ("ccproxy",), id="its own key"),
        pytest.param('{"other": 1}', (), id="nobody's"),
        pytest.param("a: 1\nb: [2]\n", (), id="nobody's in YAML"),
        pytest.param("\ufeffmodel_list: []", ("litellm",), id="a mark at its begin"),
    ],
)
def test_a_format_is_recognised_or_not(text: str, forms: tuple[str, ...]) -> None:
    assert recognised(text) == forms
