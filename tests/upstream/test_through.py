"""By way of other proxies, and to whom a CA of one's own vouches for, over real sockets."""

import gc
import ssl
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme

from proxy.errors import Unreachable
from proxy.routing.manner import Through
from proxy.upstream import Order
from proxy.upstream.httpx_lane import HttpxLane
from tests.outbound import ANSWER, NOBODY, http_proxy, provider, socks_proxy

pytestmark = pytest.mark.anyio


@dataclass(frozen=True)
class Certified:
    """A CA that nobody knows, and a server it vouches for."""

    ca_file: str
    tls: ssl.SSLContext


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> Certified:
    ca = trustme.CA()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("127.0.0.1", "provider.test").configure_cert(tls)
    path: Path = tmp_path_factory.mktemp("ca") / "ca.pem"
    ca.cert_pem.write_to_path(str(path))
    return Certified(str(path), tls)


async def asked(url: str, through: Through | None) -> bytes:
    lane = HttpxLane()
    headers = [(b"host", url.split("/")[2].encode()), (b"content-length", b"2")]
    try:
        order = Order("main", "POST", url, headers, b"{}", 5.0, through)
        answer = await lane.open(order)
        return b"".join([chunk async for chunk in answer.chunks()])
    finally:
        await lane.aclose()


async def code(url: str, through: Through | None) -> str:
    with pytest.raises(Unreachable) as caught:
        await asked(url, through)
    return caught.value.code


async def test_by_an_http_proxy_that_wants_a_password() -> None:
    async with provider() as main, http_proxy("me", "p@ss") as between:
        way = Through(f"http://me:p%40ss@127.0.0.1:{between.port}")
        url = f"http://127.0.0.1:{main.port}/v1/messages"
        assert await asked(url, way) == ANSWER
        assert between.heard[0].target == url
    assert main.heard[0].target == "/v1/messages"


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")  # httpcore leaves them to Python
async def test_by_a_socks_proxy_which_looks_up_the_name() -> None:
    async with provider() as main, socks_proxy("me", "p@ss") as between:
        way = Through(f"socks5h://me:p%40ss@127.0.0.1:{between.port}")
        assert await asked(f"http://provider.test:{main.port}/v1/messages", way) == ANSWER
        assert [one.target for one in between.heard] == [f"provider.test:{main.port}"]
        wrong = Through(f"socks5h://me:no@127.0.0.1:{between.port}")
        assert await code("http://provider.test/v1/messages", wrong) == "proxy_refused"
        gc.collect()


async def test_a_ca_of_ones_own(certified: Certified) -> None:
    async with provider(certified.tls) as main:
        url = f"https://127.0.0.1:{main.port}/v1/messages"
        assert await code(url, None) == "tls"
        assert await asked(url, Through(ca_file=certified.ca_file)) == ANSWER


async def test_a_ca_of_ones_own_through_a_tunnel(certified: Certified) -> None:
    async with provider(certified.tls) as main, http_proxy() as between:
        way = f"http://127.0.0.1:{between.port}"
        url = f"https://127.0.0.1:{main.port}/v1/messages"
        assert await code(url, Through(way)) == "tls"
        assert await asked(url, Through(way, certified.ca_file)) == ANSWER
        assert {one.target for one in between.heard} == {f"127.0.0.1:{main.port}"}


async def test_what_is_wrong_on_the_way_is_told_from_what_is_wrong_there(tmp_path: Path) -> None:
    async with http_proxy("me", "right") as between:
        refused = Through(f"http://me:wrong@127.0.0.1:{between.port}")
        assert await code("https://provider.test/v1", refused) == "proxy_refused"
    nobody = Through(f"http://127.0.0.1:{NOBODY}")
    assert await code("https://provider.test/v1", nobody) == "proxy_connect_refused"
    unknown = Through("http://no-such-host.invalid:1")
    assert await code("https://provider.test/v1", unknown) == "proxy_dns"
    gone = Through(ca_file=str(tmp_path / "gone.pem"))
    assert await code(f"https://127.0.0.1:{NOBODY}", gone) == "ca_file"


async def test_each_way_has_connections_of_its_own() -> None:
    async with provider() as main, http_proxy() as between:
        url, lane = f"http://127.0.0.1:{main.port}/v1", HttpxLane()
        headers = [(b"host", b"x"), (b"content-length", b"0")]
        for way in (None, Through(f"http://127.0.0.1:{between.port}"), None):
            answer = await lane.open(Order("main", "POST", url, headers, b"", 5.0, way))
            _ = [chunk async for chunk in answer.chunks()]
            await answer.aclose()
        await lane.aclose()
    assert (len(main.heard), len(between.heard)) == (3, 1)
