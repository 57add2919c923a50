import re
from pathlib import Path

import pytest

from proxy.config import LIMITS, starter
from proxy.config.ledger_tables import LedgerTable
from proxy.config.manner_tables import BodyTable, SendKeyTable
from proxy.config.provider_tables import (
    BudgetTable,
    FailureTable,
    LimitChangeTable,
    ProviderTable,
)
from proxy.config.queue_tables import PinsTable, QueueTable, TargetTable
from proxy.config.routing_tables import (
    ActivationTable,
    BreakerTable,
    CoolingTable,
    LimitsTable,
    RuleTable,
)
from proxy.config.server_tables import ServerTable
from proxy.errors import ConfigError
from proxy.routing.failures import ACTIONS
from proxy.routing.pins import PinRules
from tests.config.files import loaded

KEYS = {
    "ANTHROPIC_API_KEY": "a",
    "OPENAI_API_KEY": "b",
    "GEMINI_API_KEY": "c",
    "DEEPSEEK_API_KEY": "d",
    "RELAY_KEY": "e",
    "RELAY_TEAM_KEY": "f",
    "POINTSMAN_KEY": "g",
    "REDIS_PASSWORD": "h",
    "PROXY_PASSWORD": "i",
}
TABLES = (
    ServerTable,
    LedgerTable,
    ProviderTable,
    BodyTable,
    SendKeyTable,
    BudgetTable,
    LimitChangeTable,
    FailureTable,
    QueueTable,
    TargetTable,
    PinsTable,
    LimitsTable,
    BreakerTable,
    CoolingTable,
    RuleTable,
    ActivationTable,
)


def uncommented() -> str:
    lines = starter().splitlines()
    shown = [line[1:] if line[:1] == "#" and line[1:2].strip() else line for line in lines]
    return "\n".join(shown)


class TestStarter:
    """What `config init` writes is true."""

    def test_loads_once_its_variable_is_set(self, file: Path) -> None:
        found = loaded(file, starter(), {"ANTHROPIC_API_KEY": "x"})
        assert list(found.queues) == ["claude"]
        assert found.limits == LIMITS

    def test_names_its_variable_until_then(self, file: Path) -> None:
        with pytest.raises(ConfigError, match=r"providers.main.key: found \$\{ANTHROPIC_API_KEY"):
            loaded(file, starter(), {})

    def test_every_example_in_it_loads(self, file: Path) -> None:
        found = loaded(file, uncommented(), KEYS)
        assert list(found.network.queues) == ["claude", "codex", "gemini", "openai", "cheap"]
        assert [rule.name for rule in found.network.rules] == ["small"]
        assert [one.model for one in found.activations] == ["claude-haiku-4-5"]
        assert found.warnings == ()

    def test_the_defaults_it_shows_are_true(self, file: Path) -> None:
        found = loaded(file, uncommented(), KEYS).network
        plain = loaded(file, starter(), KEYS).network
        assert found.apps == plain.apps
        assert found.actions == ACTIONS
        assert found.queues["openai"].leave_at == plain.queues["claude"].leave_at
        assert found.queues["openai"].explore == plain.queues["claude"].explore
        for name in ("delivery", "held_max_mib"):
            plain_one = getattr(plain.queues["claude"], name)
            assert getattr(found.queues["openai"], name) == plain_one
        assert found.queues["claude"].pin_rules == PinRules(
            move_after_s=300, max_switch_spend_pct=10
        )

    def test_every_key_is_in_it(self) -> None:
        names = {
            field.alias or name for shape in TABLES for name, field in shape.model_fields.items()
        }
        text = starter()
        assert [name for name in sorted(names) if not re.search(rf"\b{name}\b", text)] == []
