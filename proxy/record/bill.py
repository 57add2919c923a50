"""What a provider says that an answer cost: a few relays do, beside their counts."""

import msgspec

_MARK = '"cost"'  # in most usage it is not there, and nothing is decoded


class Bill(msgspec.Struct, frozen=True):
    """A cost in the provider's own words; without a currency it does not say which."""

    cost: float | None = None
    currency: str | None = None


class _Counts(Bill, frozen=True):
    """Usage of a stream of Messages: that of its last event stands beside that of its first."""

    message_delta: Bill = Bill()


_decoder = msgspec.json.Decoder(_Counts)


def billed(usage_raw: str | None) -> Bill:
    """Return what `usage_raw` says of a cost; nothing if it says nothing that can be read."""
    if usage_raw is None or _MARK not in usage_raw:
        return Bill()
    try:
        counts = _decoder.decode(usage_raw)
    except msgspec.MsgspecError:
        return Bill()
    return counts.message_delta if counts.cost is None else Bill(counts.cost, counts.currency)
