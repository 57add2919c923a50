"""What can go wrong with the runs themselves.

RunError
├── InstallError  npm could not install the clients
└── ProxyError    the proxy did not start
"""


class RunError(Exception):
    """The run cannot be made; nothing is said about the client."""


class InstallError(RunError):
    """npm could not install the clients."""


class ProxyError(RunError):
    """The proxy did not start."""
