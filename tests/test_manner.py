"""Providers that are spoken to in ways of their own, end to end: a process, sockets, the ledger."""

import asyncio
import json
import os
import ssl
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import httpx
import pytest
import trustme

from tests.outbound import ANSWER, Heard, http_proxy, provider, socks_proxy

pytestmark = pytest.mark.anyio
KEY, PASSWORD = "sk+upstream-canary", "pass-canary"
BODY = {
    "model": "m",
    "max_tokens": 9,
    "metadata": {"user_id": "u", "kept": True},
    "messages": [{"role": "user", "content": "hello"}],
}
CONFIG = """
[ledger]
folder = "ledger"
bodies = "full"

[providers.odd]
wires = ["anthropic"]
base_url = "http://127.0.0.1:{plain}"
key = "${{KEY}}"
user_agent = "mine/1"
drop_headers = ["x-stainless-*"]
send_key = {{ header = "X-Token", format = "Token {{key}}", query = "key" }}
endpoints = {{ anthropic = "http://127.0.0.1:{plain}/odd/{{model}}?v=2" }}
[[providers.odd.body]]
drop = ["metadata.user_id"]
set = {{ temperature = 0.2, metadata = {{ team = "a" }} }}

[providers.tunnel]
wires = ["anthropic"]
base_url = "https://127.0.0.1:{safe}"
key = "${{KEY}}"
ca_file = "ca.pem"
outbound_proxy = "http://me:${{PASSWORD}}@127.0.0.1:{http}"

[providers.socks]
wires = ["anthropic"]
base_url = "http://provider.test:{plain}"
key = "${{KEY}}"
outbound_proxy = "socks5h://me:${{PASSWORD}}@127.0.0.1:{socks}"

[queues]
claude = ["odd", "tunnel", "socks"]
"""


@asynccontextmanager
async def serving(folder: Path, config: str) -> AsyncIterator[tuple[str, list[bytes]]]:
    """Run the proxy; yields its address, and what it has written to both streams in the end."""
    file, written = folder / "pointsman.toml", []
    file.write_text(config)
    file.chmod(0o600)
    command = [sys.executable, "-m", "proxy", "serve", "--config", str(file), "--port", "0"]
    env = {**os.environ, "KEY": KEY, "PASSWORD": PASSWORD, "HTTP_PROXY": "http://127.0.0.1:1"}
    process = await asyncio.create_subprocess_exec(*command, env=env, stdout=PIPE, stderr=PIPE)
    try:
        assert process.stdout is not None
        line = (await process.stdout.readline()).decode()
        yield line.split()[3], written
        process.terminate()
    finally:
        if process.returncode is None and not written:
            process.terminate()
        written += await process.communicate()


async def ask(url: str, provider_name: str) -> httpx.Response:
    headers = {"user-agent": "claude-cli/2.1", "x-stainless-os": "Linux", "x-token": "a client's"}
    headers |= {"x-provider-name": provider_name}
    async with httpx.AsyncClient(trust_env=False, timeout=20) as http:
        return await http.post(f"{url}/v1/messages?beta=true", json=BODY, headers=headers)


def echoing(heard: Heard) -> tuple[str, bytes]:
    """Answer, and refuse the second request to its odd address with an error that echoes all."""
    if heard.headers.get("x-again"):
        message = f"{heard.target} with {heard.headers['x-token']} is not understood"
        error = {"type": "invalid_request_error", "message": message}
        return "400 Bad Request", json.dumps({"type": "error", "error": error}).encode()
    return "200 OK", ANSWER


async def test_each_is_spoken_to_in_its_manner_and_no_secret_is_anywhere(tmp_path: Path) -> None:
    ca = trustme.CA()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("127.0.0.1").configure_cert(tls)
    ca.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    with anyio.fail_after(40):
        async with (
            provider(answers=echoing) as plain,
            provider(tls) as safe,
            http_proxy("me", PASSWORD) as http,
            socks_proxy("me", PASSWORD) as socks,
        ):
            config = CONFIG.format(
                plain=plain.port, safe=safe.port, http=http.port, socks=socks.port
            )
            async with serving(tmp_path, config) as (url, written):
                for name in ("odd", "tunnel", "socks"):
                    assert (await ask(url, name)).content == ANSWER
                again = await refused(url)
                status = await told(url)
    first = plain.heard[0]
    assert first.target == "/odd/m?v=2&beta=true&key=sk%2Bupstream-canary"
    assert first.headers["x-token"] == f"Token {KEY}"
    assert first.headers["user-agent"] == "mine/1"
    assert {"x-api-key", "authorization", "x-stainless-os"} & {*first.headers} == set()
    changed = {**BODY, "metadata": {"kept": True, "team": "a"}, "temperature": 0.2}
    assert json.loads(first.body) == changed
    assert safe.heard[0].headers["x-api-key"] == KEY
    assert [one.target for one in http.heard] == [f"127.0.0.1:{safe.port}"]
    assert [one.target for one in socks.heard] == [f"provider.test:{plain.port}"]
    assert (again.status_code, b"not understood" in again.content) == (400, True)
    kept = [path.read_bytes() for path in (tmp_path / "ledger").rglob("*") if path.is_file()]
    for text in (*written, *kept, again.content, str(again.headers).encode(), status):
        assert b"canary" not in text
    assert any(b"provider.test" in text for text in kept)  # so it was looked at what was written


async def refused(url: str) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False, timeout=20) as http:
        headers = {"x-again": "1", "x-provider-name": "odd"}
        return await http.post(f"{url}/v1/messages", json=BODY, headers=headers)


async def told(url: str) -> bytes:
    async with httpx.AsyncClient(trust_env=False, timeout=20) as http:
        return (await http.get(f"{url}/status")).content
