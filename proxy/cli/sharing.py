"""The proxy for a second machine: where it can be reached from, and what to write there."""

import socket
from typing import Final

from proxy.errors import SetupError

_ELSEWHERE: Final = ("192.0.2.1", 9)  # nobody's, RFC 5737: only to see which way leads out


def lan_address() -> str:
    """Return this machine's address in its network; nothing is sent for it.

    Raises:
        SetupError: It is in none.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_ELSEWHERE)
            found = str(probe.getsockname()[0])
        except OSError as error:
            raise SetupError(
                f"this machine is in no network ({error.strerror}), want one to share in; "
                "or choose an address with --host"
            ) from error
    return found


def lines(url: str) -> list[str]:
    """Return what to write on the second machine; `KEY` is one of the client keys."""
    return [
        f"shared: {url}; on another machine, with one of your client_keys as KEY:",
        f"  ANTHROPIC_BASE_URL={url} ANTHROPIC_AUTH_TOKEN=KEY claude",
        f"  GOOGLE_GEMINI_BASE_URL={url} GEMINI_API_KEY=KEY gemini",
        f"  OPENAI_BASE_URL={url}/v1 OPENAI_API_KEY=KEY",
    ]
