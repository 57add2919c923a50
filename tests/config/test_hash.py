"""What a configuration is known by in the ledger."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.config.files import ENV, PROVIDERS, WHOLE, loaded

BOTH = """
[queues]
claude = ["main", "relay"]
"""


class TestHash:
    """A hash names what decides how requests are served, and nothing else."""

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            pytest.param('"${LAPTOP}"', '"another"', id="a client's key"),
            pytest.param('"${KEY}"', '"another"', id="a provider's key"),
            pytest.param("mine ${TITLE}", "yours", id="a header's value"),
            pytest.param('folder = "book"', 'folder = "shelf"', id="where the ledger lies"),
            pytest.param("# x", "", id="a remark"),
        ],
    )
    def test_stays(self, file: Path, old: str, new: str) -> None:
        before = loaded(file, f"# x\n{WHOLE}").config_hash
        assert loaded(file, f"# x\n{WHOLE}".replace(old, new, 1)).config_hash == before

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            pytest.param('["relay", "off", "main"]', '["main", "relay"]', id="order of a queue"),
            pytest.param("idle_s = 7", "idle_s = 8", id="a limit"),
            pytest.param("sampling = true", "sampling = false", id="how a provider is spoken to"),
            pytest.param("personal", "private", id="a label"),
            pytest.param("laptop", "desktop", id="a client's label"),
            pytest.param("api.example.com", "b.example.com", id="an address"),
            pytest.param("X-Title", "X-Name", id="a header's name"),
        ],
    )
    def test_changes(self, file: Path, old: str, new: str) -> None:
        before = loaded(file, WHOLE).config_hash
        assert loaded(file, WHOLE.replace(old, new)).config_hash != before
        assert len(before) == 16


def changes() -> Iterator[tuple[str, str]]:
    """Yield texts that go before the queues, and after them, each of which decides something."""
    yield from (
        (text, "")
        for text in (
            'models = ["a"]',
            'rename = { "a" = "b" }',
            'rename = { "a" = "c" }',
            'tiers = { haiku = "b" }',
            'windows = ["mon"]',
            'windows = ["mon"]\nzone = "Europe/Berlin"',
            "budget = { daily_usd = 1 }",
            "price_factor = 0.5",
            "max_in_flight = 1",
            "max_in_flight = 1\nmax_wait_s = 1",
            "enabled = false",
            'user_agent = "a"',
            'drop_headers = ["a"]',
            'send_key = { header = "a" }',
            'send_key = { header = "a", format = "b {key}" }',
            'send_key = { query = "a" }',
            'endpoints = { chat = "https://a.example/x" }',
            'outbound_proxy = "http://a.example:1"',
            'outbound_proxy = "socks5://a.example:1"',
            '[[providers.relay.body]]\ndrop = ["a"]',
            "[[providers.relay.body]]\nset = { a = 1 }",
            "[[providers.relay.body]]\nset = { a = 2 }",
            "[[providers.relay.limits]]\nidle_s = 1",
            '[[providers.relay.failures]]\nstatus = [400]\nis = "quota"',
            '[[providers.relay.failures]]\npattern = "x"\nis = "quota"',
            '[[providers.relay.failures]]\npattern = "y"\nis = "quota"',
        )
    )
    yield from (
        ("", text)
        for text in (
            "",
            'codex = ["main"]',
            "[pins]\nttl_s = 1",
            "[limits.codex]\nmax_attempts = 1",
            "[limits.codex]\nmax_repeats = 1",
            "[breaker.codex]\nfailures = 1",
            "[cooling.quota]\nfirst_s = 1",
            '[[rules]]\nname = "a"\nqueue = "claude"',
            '[[rules]]\nname = "b"\nqueue = "claude"',
            '[[activations]]\nprovider = "main"\nmodel = "a"\nat = ["08:00"]\nmax_usd = 1',
            '[[activations]]\nprovider = "main"\nmodel = "a"\nat = ["08:00"]\nmax_usd = 2',
        )
    )


QUEUE_CHANGES = [
    '"main", { provider = "relay", weight = 2 }',
    '"main", { provider = "relay", level = 0 }',
    '"main", { provider = "relay", backup = true }',
    '"main", { provider = "relay", model = "a" }',
]
QUEUE_WORDS = [
    'policy = "random"',
    "sticky = false",
    "leave_quota_at = 0.5",
    "explore = 0.5",
    'delivery = "buffered"',
    "held_max_mib = 5",
]


def test_all_that_decides_is_in_the_hash(file: Path) -> None:
    texts = [f"{PROVIDERS}{before}\n{BOTH}{after}" for before, after in changes()]
    texts += [f"{PROVIDERS}[queues.claude]\ntargets = [{text}]" for text in QUEUE_CHANGES]
    texts += [f'{PROVIDERS}[queues.claude]\ntargets = ["main"]\n{text}' for text in QUEUE_WORDS]
    hashes = [loaded(file, text).config_hash for text in texts]
    assert len({*hashes}) == len(texts)
    others = ENV | {"KEY": "s3cret-5", "TEAM": "s3cret-6"}
    assert [loaded(file, text, others).config_hash for text in texts] == hashes


def test_every_spelling_of_a_secret_is_known_for_striking_out(file: Path) -> None:
    said = 'outbound_proxy = "http://me:p%40ss${TEAM}@a.example:1"\nsend_key = { query = "key" }'
    found = loaded(file, f"{PROVIDERS}{said}\n{BOTH}", ENV | {"KEY": "s3cret+1"})
    assert {"s3cret+1", "s3cret%2B1", "p%40sss3cret-2", "p@sss3cret-2"} <= found.secrets
    assert not any(secret in str(found.network) for secret in found.secrets)
