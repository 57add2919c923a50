import ipaddress

from proxy.cli import sharing
from proxy.errors import SetupError


def test_the_address_is_one_that_others_can_reach_or_there_is_none() -> None:
    try:
        found = ipaddress.ip_address(sharing.lan_address())
    except SetupError as error:
        assert "want one to share in" in str(error)  # noqa: PT017  # either is right here
        return
    assert not found.is_loopback


def test_the_second_machine_is_told_what_to_write() -> None:
    assert sharing.lines("http://192.0.2.7:15721") == [
        "shared: http://192.0.2.7:15721; on another machine, with one of your client_keys as KEY:",
        "  ANTHROPIC_BASE_URL=http://192.0.2.7:15721 ANTHROPIC_AUTH_TOKEN=KEY claude",
        "  GOOGLE_GEMINI_BASE_URL=http://192.0.2.7:15721 GEMINI_API_KEY=KEY gemini",
        "  OPENAI_BASE_URL=http://192.0.2.7:15721/v1 OPENAI_API_KEY=KEY",
    ]
