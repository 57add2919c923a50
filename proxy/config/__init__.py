"""Read and check the configuration file; the edge where a person types.

`settings` is what the rest of the proxy sees. `tables` is what may stand in the file, `values` and
`variables` are the checks of single values, `reading` puts them together, and `problems` makes a
line of each thing that is wrong. Nothing here opens a socket, and no secret is ever printed.
"""

from proxy.config.reading import config_path, ledger_folder, load, starter
from proxy.config.settings import LIMITS, Listen, Settings

__all__ = ["LIMITS", "Listen", "Settings", "config_path", "ledger_folder", "load", "starter"]
