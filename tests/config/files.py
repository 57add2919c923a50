"""Files to load, and what their variables stand for."""

from collections.abc import Mapping
from pathlib import Path

from proxy.config import Settings, load

ENV = {"KEY": "s3cret-1", "TEAM": "s3cret-2", "LAPTOP": "s3cret-3", "TITLE": "s3cret-4"}
WHOLE = """
[server]
host = "0.0.0.0"
port = 4000
max_body_mib = 3
client_keys = { laptop = "${LAPTOP}" }
allowed_hosts = ["Box.lan"]

[ledger]
folder = "book"
sync = "always"
ballast_mib = 0
buffer_mib = 2
on_full = "refuse"

[providers.main]
wires = ["anthropic", "chat"]
base_url = "https://api.example.com/"
keys = { personal = "${KEY}", team = "sk-${TEAM}" }
headers = { X-Title = "mine ${TITLE} $${KEY}" }
reasoning_content = true
cache_breakpoints = false
sampling = true
max_output_tokens = { "claude-3*" = 4096, "*" = 64000 }
max_tokens_key = "max_tokens"
json_schemas = false
web_search = true

[providers.relay]
wires = ["anthropic"]
base_url = "http://localhost:4001/v1"
key = "${KEY}"

[providers.off]
wires = ["gemini"]
base_url = "https://off.example"
key = "${UNSET}"
headers = { x-title = "${UNSET}" }
enabled = false

[queues]
claude = ["relay", "off", "main"]
openai = ["main"]

[limits.claude]
idle_s = 7
"""
PROVIDERS = """
server.client_keys = { laptop = "${LAPTOP}" }
[providers.main]
wires = ["anthropic"]
base_url = "https://api.example.com"
keys = { own = "${KEY}", team = "${TEAM}" }
[providers.relay]
wires = ["chat"]
base_url = "https://relay.example.com"
key = "${KEY}"
"""
QUEUES = """
[queues]
claude = ["main"]
"""


def loaded(file: Path, text: str, env: Mapping[str, str] = ENV) -> Settings:
    file.write_text(text)
    file.chmod(0o600)
    return load(file, env)
