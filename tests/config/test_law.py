import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.config import load
from proxy.errors import ConfigError
from tests.config.files import ENV
from tests.nested import nested

WORDS = """
    server ledger providers queues limits host port folder wires base_url key keys headers enabled
    claude codex main client_keys allowed_hosts idle_s max_body_mib pins ttl_s rules name queue apps
    models targets provider level weight backup policy sticky breaker failures cooling quota first_s
    activations at max_usd model windows zone budget daily_usd rename tiers haiku status pattern is
"""
KEYS = st.sampled_from(WORDS.split())
SCALARS = (
    st.text(max_size=8)
    | st.sampled_from(["main", "anthropic", "https://x.example", "${KEY}", "$${", "${", "::1"])
    | st.integers()
    | st.floats()
    | st.booleans()
)
TREES = nested(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS | st.text(), inner),
)


def as_toml(value: object) -> str:
    if isinstance(value, dict):
        pairs = [f"{json.dumps(k, ensure_ascii=False)} = {as_toml(v)}" for k, v in value.items()]
        return f"{{ {', '.join(pairs)} }}"
    if isinstance(value, list):
        return f"[{', '.join(map(as_toml, value))}]"
    return json.dumps(value, ensure_ascii=False).replace("Infinity", "inf").replace("NaN", "nan")


class TestLaw:
    """Any file loads, or says why not in lines that begin with its name."""

    @settings(deadline=None, derandomize=True)
    @given(text=st.text() | st.binary())
    def test_of_any_text(self, tmp_path_factory: pytest.TempPathFactory, text: str | bytes) -> None:
        self.holds(tmp_path_factory, text)

    @settings(deadline=None, derandomize=True)
    @given(tree=st.dictionaries(KEYS, TREES))
    def test_of_any_toml(
        self, tmp_path_factory: pytest.TempPathFactory, tree: dict[str, object]
    ) -> None:
        lines = [f"{key} = {as_toml(value)}" for key, value in tree.items()]
        self.holds(tmp_path_factory, "\n".join(lines))

    @settings(deadline=None, derandomize=True)
    @given(section=st.sampled_from(WORDS.split()), name=KEYS, tree=TREES)
    def test_of_a_file_with_one_thing_that_may_be_wrong(
        self, tmp_path_factory: pytest.TempPathFactory, section: str, name: str, tree: object
    ) -> None:
        provider = {"wires": ["chat"], "base_url": "http://x", "key": "k"}
        whole: dict[str, object] = {
            "providers": {"main": provider | {name: tree}},
            "queues": {"claude": {"targets": ["main", tree], name: tree}},
            "rules": [{"name": "a", "queue": "claude", name: tree}],
            "breaker": {"claude": {name: tree}},
        }
        lines = [f"{key} = {as_toml(value)}" for key, value in (whole | {section: tree}).items()]
        self.holds(tmp_path_factory, "\n".join(lines))

    def holds(self, folders: pytest.TempPathFactory, text: str | bytes) -> None:
        file = folders.getbasetemp() / "law.toml"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        try:
            load(file, ENV)
        except ConfigError as error:
            lines = str(error).splitlines()
            assert lines
            assert all(line.startswith(f"{file}:") for line in lines)
