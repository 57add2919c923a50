"""A bad file names line and key, and never what may be a secret."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.formats.registry import FORMATS, READ, recognised
from proxy.formats.setup import Malformed
from tests.formats.test_reading import FORM_OF, SAMPLES, read

CANARY = "sk-canary"


@pytest.mark.parametrize(
    ("form", "text", "line", "said"),
    [
        pytest.param(
            "cc-proxy",
            '{"providers": [\n{"apiUrl": 5, "apiKey": "sk-canary"}]}',
            2,
            "providers[0].apiUrl: found a number, want a text",
            id="a number for an address",
        ),
        pytest.param(
            "cc-proxy",
            '{"providers": {"claude": {"apiUrl": "https://x:sk-canary@a.example.com"}}}',
            1,
            "providers.claude.apiUrl: found a text, want an http:// or https:// address, "
            "without a password or a query",
            id="a password in an address",
        ),
        pytest.param(
            "cc-proxy",
            '{"providers": [\n\n{"claude": {"apiUrl": "https://a.example",\n"apiKey": "a b"}}]}',
            4,
            "providers[0].claude.apiKey: found a text, want a key without spaces, line breaks and "
            "letters outside ASCII",
            id="a key with a space",
        ),
        pytest.param(
            "codex-cc-switch",
            '{"api_configs": [\n{"base_url": "https://a.example.com", "key": "k",\n'
            '"time_enabled": [1, 2]}]}',
            3,
            "api_configs[0].time_enabled: found a list, want a list of seven, Monday first, "
            "each 0 or 1",
            id="a week of two days",
        ),
        pytest.param(
            "ccproxy",
            '{"Providers": [{\n"name": "a"}]}',
            1,
            "Providers[0].api_base_url: found nothing, want a text",
            id="no address",
        ),
        pytest.param(
            "gateway",
            '{"providers": [{"base_url": "https://a.example.com",\n"priority": "first"}]}',
            2,
            "providers[0].priority: found a text, want a number",
            id="a word for a number",
        ),
        pytest.param(
            "claude-code-router",
            '{"Providers": [],\n"Router": {"default": "nobody,x"}}',
            2,
            "Router.default: found the name of no provider of the file, want one",
            id="a route to nobody",
        ),
        pytest.param(
            "litellm",
            "model_list:\n  - model_name: a\n    litellm_params:\n      model: [x]\n",
            4,
            "model_list[0].litellm_params.model: found a list, want a text",
            id="YAML",
        ),
        pytest.param("litellm", "model_list:\n - a\n b: [", 3, "it is no YAML", id="no YAML"),
        pytest.param("gateway", '{"providers":\n [}', 2, "it is no JSON", id="no JSON"),
        pytest.param(
            "cc-switch-sql",
            "-- a\nINSERT INTO providers (id, app_type, name, settings_config)\n"
            "VALUES ('a', 'claude', 'x', '{\"env\": 5}');",
            2,
            "providers[x].settings_config.env: found a number, want a table",
            id="JSON in SQL",
        ),
        pytest.param(
            "cc-switch-sql",
            "INSERT INTO providers (nothing) VALUES (1);",
            1,
            "INSERT providers: SQLite does not take it",
            id="a column that is not there",
        ),
        pytest.param(
            "cc-switch-sql",
            "INSERT INTO providers SELECT load_extension('sk-canary');",
            1,
            "INSERT providers: SQLite does not take it",
            id="more than rows",
        ),
        pytest.param(
            "cc-switch-link",
            "ccswitch://v1/import?resource=provider&app=opencode&name=a",
            1,
            "app: found another one, want one of claude, codex, gemini",
            id="a client that is not served",
        ),
        pytest.param(
            "cc-switch-link",
            "ccswitch://v1/import?resource=provider&app=claude&config=%%%",
            1,
            "config: found no base64 of a text, want JSON in it",
            id="no base64",
        ),
    ],
)
def test_a_bad_file_names_line_and_key(form: str, text: str, line: int, said: str) -> None:
    with pytest.raises(Malformed) as told:
        read(form, text)
    assert (told.value.line, str(told.value)[: len(said)]) == (line, said)
    assert CANARY not in str(told.value)


def test_references_to_references_do_not_fill_memory() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{no}: &a{no} [{', '.join([f'*a{no - 1}'] * 9)}]" for no in range(1, 9)]
    with pytest.raises(Malformed, match="too many values"):
        read("litellm", "\n".join([*lines, "model_list: *a8"]))


CHANGES = st.tuples(st.integers(0, 5_000), st.integers(0, 40), st.text(max_size=5))


@given(file=st.sampled_from([*FORM_OF]), change=CHANGES)
def test_whatever_is_damaged_is_read_or_refused(file: str, change: tuple[int, int, str]) -> None:
    text = (SAMPLES / file).read_text()
    start, length, other = change
    start %= len(text)
    damaged = text[:start] + other + text[start + length :]
    with suppress(Malformed):
        read(FORM_OF[file], damaged)
    with suppress(Malformed):
        recognised(damaged)


@given(text=st.text(max_size=60), form=st.sampled_from(READ))
def test_any_text_is_read_or_refused(text: str, form: str) -> None:
    reads = FORMATS[form].read
    assert reads is not None
    with suppress(Malformed):
        reads(text)
