"""One thing in a configuration is changed; remarks, order and layout of all else stay."""

import tomllib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.config import starter
from proxy.config.changes import (
    Impossible,
    value_of,
    with_keys,
    with_place,
    with_provider,
    without_provider,
)

TEXT = """\
# mine
[providers.a]
base_url = "x"  # of a

[providers.a.budget]
daily_usd = 1
# behind a

[providers.b]
base_url = "y"

# Who is asked.
[queues]
claude = ["a", { provider = "b", weight = 2 }]  # who
codex = ["a"]

[queues.own]
targets = [
  "a",
  "b", # second
]
"""


def test_a_provider_is_added_behind_the_others_and_in_its_queues() -> None:
    table = {"wires": ["chat"], "base_url": "z", "rename": {"c-*": "x/c-*"}}
    after = with_provider(TEXT, "c", table, ["claude", "gemini", "own"], first=False)
    assert after == TEXT.replace(
        'base_url = "y"\n',
        'base_url = "y"\n\n[providers.c]\nwires = ["chat"]\nbase_url = "z"\n'
        'rename = {"c-*" = "x/c-*"}\n',
    ).replace("weight = 2 }]", 'weight = 2 }, "c"]').replace(
        'codex = ["a"]\n', 'codex = ["a"]\ngemini = ["c"]\n'
    ).replace('  "b", # second\n', '  "b", # second\n  "c",\n')


def test_the_first_provider_of_all() -> None:
    after = with_provider("", "c", {"base_url": "z"}, ["claude"], first=True)
    assert after == '[providers.c]\nbase_url = "z"\n\n[queues]\nclaude = ["c"]\n'


def test_a_provider_is_removed_with_its_tables_and_from_its_queues() -> None:
    assert without_provider(TEXT, "a") == (
        '# mine\n# behind a\n\n[providers.b]\nbase_url = "y"\n\n# Who is asked.\n[queues]\n'
        'claude = [{ provider = "b", weight = 2 }]  # who\n\n'
        '[queues.own]\ntargets = [\n  "b", # second\n]\n'
    )


def test_keys_are_set_and_taken_out() -> None:
    keys = {"base_url": "https://z", "enabled": "false", "models": '["m*"]'}
    after = tomllib.loads(with_keys(TEXT, "a", keys))
    assert after["providers"]["a"] == {
        "base_url": "https://z",
        "enabled": False,
        "models": ["m*"],
        "budget": {"daily_usd": 1},
    }
    assert (
        "base_url" not in tomllib.loads(with_keys(TEXT, "a", {"base_url": None}))["providers"]["a"]
    )


@pytest.mark.parametrize(
    ("place", "targets"),
    [
        pytest.param(1, [{"provider": "b", "weight": 2}, "a"], id="to the front"),
        pytest.param(9, ["a", {"provider": "b", "weight": 2}], id="behind the end is the end"),
    ],
)
def test_a_place_in_a_queue(place: int, targets: list[object]) -> None:
    after = with_place(TEXT, "b", "claude", place)
    assert tomllib.loads(after)["queues"]["claude"] == targets
    assert "# who" in after


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param(
            lambda: with_provider(TEXT, "a", {}, [], first=False),
            "there is a provider a already; change it with: providers edit",
            id="a name that is taken",
        ),
        pytest.param(
            lambda: without_provider(TEXT, "c"),
            "there is no provider c; there are: a, b",
            id="a name of nobody",
        ),
        pytest.param(
            lambda: with_place(TEXT, "a", "none", 1),
            "there is no queue none; there are: claude, codex, own",
            id="a queue that is none",
        ),
        pytest.param(
            lambda: with_place(TEXT, "b", "own", 1),
            "queues.own has remarks between its targets: move it in the file",
            id="a move that would lose a remark",
        ),
        pytest.param(
            lambda: with_keys(TEXT, "a", {"models": '["x"'}),
            'models: ["x" is no value of TOML, want one',
            id="half a list",
        ),
        pytest.param(
            lambda: without_provider('providers = { a = { base_url = "x" } }', "a"),
            "providers.a is not in a table of its own: remove it in the file",
            id="tables in one line",
        ),
    ],
)
def test_impossible(change: Callable[[], str], message: str) -> None:
    with pytest.raises(Impossible) as told:
        change()
    assert str(told.value) == message


@pytest.mark.parametrize(
    ("spelling", "value"),
    [
        pytest.param("0.3", 0.3, id="a number"),
        pytest.param("Europe/Berlin", "Europe/Berlin", id="a bare word"),
        pytest.param('["a"]', ["a"], id="a list"),
        pytest.param("${KEY}", "${KEY}", id="a variable"),
        pytest.param("https://x/y?z", "https://x/y?z", id="an address"),
    ],
)
def test_values_as_people_write_them_in_a_shell(spelling: str, value: object) -> None:
    assert value_of("key", spelling) == value


@given(
    st.lists(st.sampled_from(["claude", "codex", "gemini", "openai"]), unique=True), st.booleans()
)
def test_added_and_removed_is_as_before_for_the_starter(queues: list[str], first: bool) -> None:
    before = starter()
    after = with_provider(before, "new", {"base_url": "https://x"}, queues, first=first)
    assert [line for line in after.splitlines() if line.startswith("#")] == [
        line for line in before.splitlines() if line.startswith("#")
    ]
    again = without_provider(after, "new")
    assert tomllib.loads(again) == tomllib.loads(before)
    assert again.count("#") == before.count("#")
