"""The servers that other tests here rest on."""

import socket


def test_redis_answers(redis_url: str) -> None:
    port = int(redis_url.rpartition(":")[2].partition("/")[0])
    with socket.create_connection(("127.0.0.1", port), timeout=5) as one:
        one.sendall(b"PING\r\n")
        assert one.recv(64) == b"+PONG\r\n"
