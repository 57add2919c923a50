"""The formats of configuration files that can be changed."""

from collections.abc import Mapping
from typing import Final

from proxy.editing import dotenv, jsonc, toml
from proxy.editing.edit import Format, FormatName

FORMATS: Final[Mapping[FormatName, Format]] = {
    "json": Format(
        jsonc.raw, jsonc.put, jsonc.drop, jsonc.spelt, jsonc.same, jsonc.is_empty, jsonc.plain
    ),
    "toml": Format(toml.raw, toml.put, toml.drop, toml.spelt, toml.same, toml.is_empty, toml.plain),
    "env": Format(
        dotenv.raw,
        dotenv.put,
        dotenv.drop,
        dotenv.spelt,
        dotenv.same,
        dotenv.is_empty,
        dotenv.plain,
    ),
}
