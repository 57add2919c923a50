"""Read and check the configuration file; the edge where a person types.

`settings` is what the rest of the proxy sees. What may stand in the file is in `tables` and
`…_tables`; `values`, `times` and `variables` are the checks of single values. `reading` goes over
the `sections`: `providers`, `queues`, `rules`, `activations`, put together by `network`, and
`pricing`; `problems` makes a line of each thing that is wrong. Nothing here opens a socket, and no
secret is printed.
"""

from proxy.config.reading import (
    address,
    checked,
    config_file,
    config_path,
    ledger_keep,
    ledger_store,
    load,
    prices,
    starter,
)
from proxy.config.settings import LIMITS, Address, Listen, Settings

__all__ = [
    "LIMITS",
    "Address",
    "Listen",
    "Settings",
    "address",
    "checked",
    "config_file",
    "config_path",
    "ledger_keep",
    "ledger_store",
    "load",
    "prices",
    "starter",
]
