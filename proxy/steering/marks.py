"""What stands behind the names of a configuration: another thing of the same name is noticed.

What was learnt of a key says nothing of the one that replaces it, and what of an address nothing
of the next one. Marks are kept with what was learnt, and no secret can be read from them.
"""

import hashlib
from collections.abc import Mapping

from proxy.routing.network import Network

_MARK_BYTES = 8


def marks(network: Network) -> dict[str, str]:
    """Return the mark of each provider and of each of its keys, by their names on the board."""
    providers = {name: _mark(one.base_url) for name, one in network.providers.items()}
    credentials = {account: _mark(one.secret) for account, one in network.credentials.items()}
    return providers | credentials


def replaced(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[str, ...]:
    """Return the names that are in both and stand for something else."""
    return tuple(name for name, mark in after.items() if before.get(name, mark) != mark)


def _mark(text: str) -> str:
    person = b"pointsman"
    return hashlib.blake2b(text.encode(), digest_size=_MARK_BYTES, person=person).hexdigest()
