"""What can be wrong with a provider: a file, and the line that says so."""

import pytest

MAIN = """
[providers.main]
wires = ["anthropic"]
base_url = "https://api.example.com"
key = "${KEY}"
"""
QUEUES = '[queues]\nclaude = ["main"]\n'
NAME = "a name of at most 64 letters, digits, dots, - and _"
ADDRESS = "an http:// or https:// address"
ONE_OF_WIRES = "one of anthropic, chat, responses, gemini"
KEY_ALONE = 'the key alone, without "Bearer"'


def provider(**changed: str) -> str:
    """Return a file with one provider, some of its lines changed; "" leaves one out."""
    lines = {
        "wires": '["anthropic"]',
        "base_url": '"https://api.example.com"',
        "key": '"${KEY}"',
    } | changed
    table = "\n".join(f"{name} = {text}" for name, text in lines.items() if text)
    return f"[providers.main]\n{table}\n{QUEUES}"


PROVIDERS = [
    pytest.param(
        provider(base_url='"ftp://x"'),
        f'providers.main.base_url: found "ftp://x", want {ADDRESS}',
        id="another scheme",
    ),
    pytest.param(
        provider(base_url='"https://[::1"'),
        f'providers.main.base_url: found "https://[::1", want {ADDRESS}',
        id="a broken address",
    ),
    pytest.param(
        provider(base_url='"https://a.example:99999"'),
        f'providers.main.base_url: found "https://a.example:99999", want {ADDRESS}',
        id="an address with an impossible port",
    ),
    pytest.param(
        provider(base_url='"https://a.example/\\nx"'),
        f'providers.main.base_url: found "https://a.example/\\nx", want {ADDRESS}',
        id="an address with a line break, told in one line",
    ),
    pytest.param(
        provider(base_url='"https://me:s3cret-value@a.example"'),
        "providers.main.base_url: found an address with a user name or a password in it, want keys "
        "under keys = { … }",
        id="a password in the address stays hidden",
    ),
    pytest.param(
        provider(base_url='"ftp://me:s3cret-value@a.example"'),
        f"providers.main.base_url: found (hidden), want {ADDRESS}",
        id="also where the address is wrong in another way",
    ),
    pytest.param(
        provider(base_url='"https://a.example/v1?key=s3cret-value"'),
        f"providers.main.base_url: found an address with a query, want {ADDRESS} that ends before "
        "? and #",
        id="a query in the address stays hidden",
    ),
    pytest.param(
        provider(base_url='"http://localhost:15721/v1"'),
        'providers.main.base_url: found "http://localhost:15721/v1", which is this proxy itself, '
        "want the provider's own address",
        id="the proxy as its own provider",
    ),
    pytest.param(
        provider(base_url='"http://127.1:15721"'),
        'providers.main.base_url: found "http://127.1:15721", which is this proxy itself, want the '
        "provider's own address",
        id="the proxy itself, spelled otherwise",
    ),
    pytest.param(
        provider(wires='["antropic"]'),
        'providers.main.wires[0]: found "antropic", want one of anthropic, chat, responses, gemini '
        '(did you mean "anthropic"?)',
        id="a wire nobody speaks",
    ),
    pytest.param(
        provider(wires="[5]"),
        f"providers.main.wires[0]: found 5, want {ONE_OF_WIRES}",
        id="a wire that is no text",
    ),
    pytest.param(
        provider(wires="[]"),
        "providers.main.wires: found an empty list, want at least one of anthropic, chat, "
        "responses, gemini",
        id="no wire",
    ),
    pytest.param(
        provider(wires='["chat", "chat"]'),
        'providers.main.wires: found "chat" twice, want each name once',
        id="a wire twice",
    ),
    pytest.param(
        provider(wires=""),
        'providers.main.wires: found nothing, want a list of wire formats, as in ["anthropic"]',
        id="wires left out",
    ),
    pytest.param(
        provider(key=""),
        'providers.main.keys: found no key, want key = "${NAME}" or keys = { label = "${NAME}" }',
        id="no key",
    ),
    pytest.param(
        provider(keys='{ a = "x" }'),
        "providers.main.keys: found both key and keys, want one of the two",
        id="a key and keys",
    ),
    pytest.param(
        provider(key='""'),
        f"providers.main.key: found an empty key, want {KEY_ALONE}",
        id="an empty key",
    ),
    pytest.param(
        provider(key='"${EMPTY}"'),
        "providers.main.key: found ${EMPTY}, which is empty, want a key in that variable",
        id="an empty variable",
    ),
    pytest.param(
        provider(key='"${UNSET}"'),
        "providers.main.key: found ${UNSET}, which is not set, want that variable in the "
        "environment",
        id="a variable that is not set",
    ),
    pytest.param(
        provider(key='"${KEY"'),
        "providers.main.key: found (hidden) with a broken ${, want ${NAME}, or $${ for a literal "
        "${",
        id="a variable that is not closed",
    ),
    pytest.param(
        provider(key='"${SPACED}"'),
        "providers.main.key: found (hidden) with a space, a line break or a character outside "
        f"ASCII, want {KEY_ALONE}",
        id="a key with its scheme",
    ),
    pytest.param(
        provider(key="", keys='{ own = "${LINE}" }'),
        "providers.main.keys.own: found (hidden) with a space, a line break or a character outside "
        f"ASCII, want {KEY_ALONE}",
        id="a key with a line break from a file",
    ),
    pytest.param(
        provider(key="4711"),
        'providers.main.key: found (hidden), want text, as in "${NAME}"',
        id="a key that is no text stays hidden",
    ),
    pytest.param(
        provider(key="", keys='["s3cret-value"]'),
        'providers.main.keys: found (hidden), want a table, as in { label = "${NAME}" }',
        id="keys without labels stay hidden",
    ),
    pytest.param(
        provider(headers='{ X-API-Key = "s3cret-value" }'),
        "providers.main.headers.X-API-Key: found a header that carries a key, want the key under "
        'key = "…" or keys = { … }',
        id="a key in a header",
    ),
    pytest.param(
        provider(headers='{ Host = "x" }'),
        "providers.main.headers.Host: found a header that the proxy sets itself, want another one",
        id="a header the proxy owns",
    ),
    pytest.param(
        provider(headers='{ "x y" = "1" }'),
        'providers.main.headers."x y": found "x y", want the name of a header: letters, digits '
        "and -",
        id="no header name",
    ),
    pytest.param(
        provider(headers='{ x = "s3cret\\r\\ny: z" }'),
        "providers.main.headers.x: found (hidden), want printable ASCII, with no space at either "
        "end and no line break",
        id="a header value that would begin another header",
    ),
    pytest.param(
        provider(headers='{ x = "${UNSET}" }'),
        "providers.main.headers.x: found ${UNSET}, which is not set, want that variable in the "
        "environment",
        id="a header value that is not set",
    ),
    pytest.param(
        provider(headers='{ X-Title = "a", x-title = "b" }'),
        'providers.main.headers: found "x-title" twice, want each header once, whatever its case',
        id="one header in two cases",
    ),
    pytest.param(
        provider(enabled='"yes"'),
        'providers.main.enabled: found "yes", want true or false',
        id="no yes or no",
    ),
    pytest.param(
        provider(reasoning_content="1"),
        "providers.main.reasoning_content: found 1, want true or false",
        id="whether thinking goes back, as a number",
    ),
    pytest.param(
        provider(web_search='"live"'),
        'providers.main.web_search: found "live", want true or false',
        id="how the web is searched, where it is whether",
    ),
    pytest.param(
        provider(cache_breakpoints='"auto"'),
        'providers.main.cache_breakpoints: found "auto", want true or false',
        id="a word where leaving it out leaves it to the model",
    ),
    pytest.param(
        provider(max_output_tokens="64000"),
        'providers.main.max_output_tokens: found 64000, want a table, as in { "claude-*" = 64000 }',
        id="a maximum without models",
    ),
    pytest.param(
        provider(max_output_tokens='{ "claude-*" = 0 }'),
        'providers.main.max_output_tokens."claude-*": found 0, want a whole number of tokens, at '
        "least 1",
        id="a maximum that leaves no room for an answer",
    ),
    pytest.param(
        provider(max_output_tokens='{ "" = 1 }'),
        'providers.main.max_output_tokens."": found "", want the name of a model, with * for any '
        'letters, as in "claude-*"',
        id="a maximum of no model",
    ),
    pytest.param(
        provider(max_tokens_key='"max_token"'),
        'providers.main.max_tokens_key: found "max_token", want one of max_completion_tokens, '
        "max_tokens",
        id="a key that no chat server knows",
    ),
    pytest.param(
        provider(base_ulr='"https://s3cret-value"'),
        "providers.main.base_ulr: found an unknown key, want one of wires, base_url, key, keys, "
        "headers, user_agent, drop_headers, send_key, endpoints, outbound_proxy, ca_file, body, "
        "enabled, models, rename, tiers, windows, zone, budget, price_factor, "
        "max_in_flight, "
        "max_wait_s, limits, failures, reasoning_content, cache_breakpoints, sampling, "
        'max_output_tokens, max_tokens_key, json_schemas, web_search (did you mean "base_url"?)',
        id="a slip in a provider's key",
    ),
    pytest.param(
        f'{MAIN}{QUEUES}[providers."my own"]\nwires = ["chat"]\nbase_url = "http://x"\nkey = "k"',
        f'providers."my own": found "my own", want {NAME}',
        id="a provider's name that would not fit into a table",
    ),
    pytest.param(
        f'providers = "s3cret"\n{QUEUES}',
        'providers: found "s3cret", want a table, as in [providers]\n'
        'pointsman.toml: queues.claude[0]: found "main", want a provider; there is none yet, write '
        "[providers.main]",
        id="providers that are no tables",
    ),
]
