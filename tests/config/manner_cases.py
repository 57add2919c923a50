"""What can be wrong with how a provider is spoken to: a file, and the line that says so."""

import pytest

from tests.config.provider_cases import QUEUES, provider

HEADER = "the name of a header: letters, digits and -"
WHOLE = "a whole http:// or https:// address, with {model} and {action} where they belong"
PROXY = '"http://user:${PASSWORD}@proxy.lan:3128", or https://, socks5:// or socks5h://'
PATH = 'keys with dots between them, as in "metadata.user_id"'
KEYS = "the key under key = … or keys = { … }, and its place under send_key = { … }"
PEM = "a file with certificates in PEM"


def body(text: str) -> str:
    """Return a file with one change of bodies."""
    return f"{provider().removesuffix(QUEUES)}[[providers.main.body]]\n{text}\n{QUEUES}"


MANNERS = [
    pytest.param(
        provider(user_agent='"a"', headers='{ User-Agent = "b" }'),
        "providers.main.user_agent: found a user-agent under headers as well, want one of the two",
        id="two user agents",
    ),
    pytest.param(
        provider(user_agent='"s3cret-value\\n"'),
        "providers.main.user_agent: found (hidden), want printable ASCII, with no space at either "
        "end and no line break",
        id="a user agent that would begin another header",
    ),
    pytest.param(
        provider(drop_headers='["x y"]'),
        f'providers.main.drop_headers[0]: found "x y", want {HEADER}',
        id="no name of a header to leave behind",
    ),
    pytest.param(
        provider(drop_headers='["Content-Type"]'),
        "providers.main.drop_headers[0]: found a header that the proxy sets itself, want another "
        "one",
        id="a header that the body cannot do without",
    ),
    pytest.param(
        provider(send_key='{ name = "x" }'),
        "providers.main.send_key.name: found an unknown key, want one of header, format, query",
        id="a slip in the place of a key",
    ),
    pytest.param(
        provider(send_key='{ header = "Host" }'),
        "providers.main.send_key.header: found a header that the proxy sets itself, want another "
        "one",
        id="a key in the proxy's own header",
    ),
    pytest.param(
        provider(send_key='{ header = "x-a", format = "Bearer" }'),
        'providers.main.send_key.format: found "Bearer", want text with {key} in it once, as in '
        '"Bearer {key}"',
        id="a format without the key",
    ),
    pytest.param(
        provider(send_key='{ format = "Bearer {key}", query = "key" }'),
        'providers.main.send_key.format: found a format without a header, want header = "…" as '
        "well",
        id="a format of nothing",
    ),
    pytest.param(
        provider(send_key='{ query = "a&b" }'),
        'providers.main.send_key.query: found "a&b", want the name of a parameter, as in "key"',
        id="no name of a parameter",
    ),
    pytest.param(
        provider(send_key='{ header = "X-Title" }', headers='{ x-title = "a" }'),
        'providers.main.send_key: found the header "X-Title" under headers as well, want one of '
        "the two",
        id="a key and a text in one header",
    ),
    pytest.param(
        provider(endpoints='{ anthropic = "ftp://a.example/x" }'),
        f'providers.main.endpoints.anthropic: found "ftp://a.example/x", want {WHOLE}',
        id="an endpoint of another scheme",
    ),
    pytest.param(
        provider(endpoints='{ anthropic = "https://a.example/{name}" }'),
        f'providers.main.endpoints.anthropic: found "https://a.example/{{name}}", want {WHOLE}',
        id="an endpoint with something unknown in it",
    ),
    pytest.param(
        provider(endpoints='{ chat = "https://a.example/x" }'),
        "providers.main.endpoints: found one for chat, which is not in wires, want anthropic",
        id="an endpoint of a wire that is not spoken",
    ),
    pytest.param(
        provider(wires='["gemini"]', endpoints='{ gemini = "https://a.example/{model}" }'),
        "providers.main.endpoints: found one for gemini without {action}, want {action} for "
        "gemini, where it is generateContent or streamGenerateContent",
        id="an endpoint of gemini that cannot say how it answers",
    ),
    pytest.param(
        provider(endpoints='{ anthropic = "http://localhost:15721/v1/messages" }'),
        "providers.main.endpoints.anthropic: found an address of this proxy itself, want the "
        "provider's own",
        id="this proxy as an endpoint",
    ),
    pytest.param(
        provider(outbound_proxy='"ftp://me:s3cret-value@a.example"'),
        f"providers.main.outbound_proxy: found (hidden) with another scheme, or no host, want "
        f"{PROXY}",
        id="an outbound proxy of another scheme",
    ),
    pytest.param(
        provider(outbound_proxy='"http://a.example:3128/s3cret-value"'),
        "providers.main.outbound_proxy: found (hidden) with something behind host and port, want "
        f"{PROXY}",
        id="an outbound proxy with a path",
    ),
    pytest.param(
        provider(outbound_proxy='"http://a.example:port"'),
        "providers.main.outbound_proxy: found (hidden) with a port or a host that is none, want "
        f"{PROXY}",
        id="an outbound proxy with an impossible port",
    ),
    pytest.param(
        provider(outbound_proxy='"http://127.0.0.1:15721"'),
        f"providers.main.outbound_proxy: found an address of this proxy itself, want {PROXY}",
        id="this proxy as an outbound one",
    ),
    pytest.param(
        provider(outbound_proxy='"http://me:${UNSET}@a.example"'),
        "providers.main.outbound_proxy: found ${UNSET}, which is not set, want that variable in "
        "the environment",
        id="a password that is not set",
    ),
    pytest.param(
        provider(ca_file='"nowhere.pem"'),
        'providers.main.ca_file: found "nowhere.pem", which cannot be read (No such file or '
        f"directory), want {PEM}",
        id="a CA that is not there",
    ),
    pytest.param(
        provider(ca_file='"pointsman.toml"'),
        'providers.main.ca_file: found "pointsman.toml", which holds no certificate, want ' + PEM,
        id="a file without a certificate",
    ),
    pytest.param(
        body(""),
        "providers.main.body[0]: found no change, want at least one of set, drop",
        id="a change of nothing",
    ),
    pytest.param(
        body("set = { stream = false }"),
        'providers.main.body[0].set: found "stream", which is not to be changed here, want '
        "nothing: the client says whether it wants a stream, and the answer is read as that",
        id="a stream switched off behind the client's back",
    ),
    pytest.param(
        body('drop = ["model"]'),
        'providers.main.body[0].drop[0]: found "model", which is not to be changed here, want '
        "rename = { … } or the model of a target, so that the ledger knows it",
        id="a model taken out",
    ),
    pytest.param(
        body('set = { api_key = "s3cret-value" }'),
        'providers.main.body[0].set: found "api_key", which is not to be changed here, want '
        f"{KEYS}",
        id="a key in the body",
    ),
    pytest.param(
        body('drop = ["a..b"]'),
        f'providers.main.body[0].drop[0]: found "a..b", want {PATH}',
        id="no path",
    ),
    pytest.param(
        body("set = { a = { b = [1, nan] } }"),
        "providers.main.body[0].set: found a.b[1], which JSON cannot carry, want texts, numbers, "
        "true, false",
        id="no number",
    ),
    pytest.param(
        body("sets = { a = 1 }"),
        "providers.main.body[0].sets: found an unknown key, want one of wires, models, drop, set "
        '(did you mean "set"?)',
        id="a slip in a change of bodies",
    ),
    pytest.param(
        body('wires = ["chats"]\ndrop = ["a"]'),
        'providers.main.body[0].wires[0]: found "chats", want one of anthropic, chat, responses, '
        'gemini (did you mean "chat"?)',
        id="a change for a wire nobody speaks",
    ),
]
