"""uvicorn's HTTP protocol with a bound on what stands before a body."""

from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_HEAD_BYTES: Final = 256 * 1024  # of request line and headers; real clients send a few KiB


class BoundedHttp(HttpToolsProtocol):
    """Refuses a request whose head is longer than any client's; the parser would keep it all."""

    _in_head = True
    _head_bytes = 0

    def data_received(self, data: bytes) -> None:
        """Count what belongs to a head."""
        if self._in_head:
            self._head_bytes += len(data)
            if self._head_bytes > MAX_HEAD_BYTES:
                self.send_400_response("The headers are too long.")
                return
        super().data_received(data)

    def on_message_begin(self) -> None:
        """Begin a head."""
        self._in_head, self._head_bytes = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """End a head."""
        self._in_head = False
        super().on_headers_complete()
