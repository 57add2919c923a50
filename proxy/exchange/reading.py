"""A client's request in the middle, read once, and only where a conversion needs it."""

from dataclasses import dataclass, field

from proxy.codec import Codec, Read
from proxy.wire import Location


@dataclass(slots=True)
class Reading:
    """What `codec` makes of a request; most requests are never asked for it."""

    codec: Codec
    body: bytes = field(repr=False)
    location: Location
    _read: Read | None = None

    def read(self) -> Read:
        """Return the request.

        Raises:
            ClientError: 400, it cannot be read as its wire demands.
        """
        if self._read is None:
            self._read = self.codec.read_request(self.body, self.location)
        return self._read
