"""Every error this proxy raises on purpose.

* ProxyError
  x ClientError       the caller's fault; answered at once, never retried
  x ClientLeft        nobody is there to answer
  x UpstreamError     a provider's fault; another target may be tried before the commit
    + Unreachable     no response head arrived
    + Broken          the connection ended before the body did
  x SetupError        the proxy cannot start: one clear line and exit code 2
    + ConfigError     the configuration file cannot be used
    + LedgerUnusable  the ledger's folder cannot be used
  x ControlError      who was asked is not there, or says no: exit code 1
    + LedgerRefused   the ledger cannot give what was asked for

`proxy.exchange` turns the first into an answer in the words of the client's wire, and `proxy.cli`
the last two into an exit code.
"""


class ProxyError(Exception):
    """Base of everything below."""


class ClientError(ProxyError):
    """The caller must change the request; the message says how."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class ClientLeft(ProxyError):  # noqa: N818  # it is nobody's error
    """The client hung up before its answer was complete."""


class UpstreamError(ProxyError):
    """A provider failed; `code` is one word for the ledger, like `connect_refused`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Unreachable(UpstreamError):  # noqa: N818  # reads as what happened
    """No response head arrived."""


class Broken(UpstreamError):  # noqa: N818  # reads as what happened
    """The connection ended before the body did."""


class SetupError(ProxyError):
    """The proxy cannot start; the message is for a person, one line per problem."""


class ConfigError(SetupError):
    """The configuration file cannot be used."""


class LedgerUnusable(SetupError):  # noqa: N818  # reads as what is the matter
    """The ledger's folder cannot be used."""


class ControlError(ProxyError):
    """A command to the running proxy came to nothing; the message is for a person."""


class LedgerRefused(ControlError):  # noqa: N818  # reads as what happened
    """The ledger cannot give what was asked for; the message is one sentence."""
