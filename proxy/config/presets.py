"""Well-known vendors: what a command writes into the file for them."""

import tomllib
from collections.abc import Mapping
from importlib import resources

from proxy.config.changes import Value


def presets() -> Mapping[str, Mapping[str, Value]]:
    """Return the table of each vendor, by its name."""
    text = resources.files("proxy.config").joinpath("presets.toml").read_text("utf-8")
    return tomllib.loads(text)
