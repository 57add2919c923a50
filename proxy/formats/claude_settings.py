"""A `settings.json` that leads Claude Code to one provider, without a proxy. Only written."""

import json

from proxy.formats.cc_switch_app import claude_env
from proxy.formats.leaving import leaving
from proxy.formats.secret import spelt
from proxy.formats.setup import Loss, Setup, Written

_ADVICE = ("claude --settings FILE takes it for one session.",)


def write(setup: Setup) -> Written:
    """Return the settings for the first of claude's queue that speaks its wire."""
    found = leaving(setup, ("claude",), converts=())
    if not found.exits:
        return Written(
            "", (*found.losses, Loss("queues.claude", None, "nobody in it speaks anthropic"))
        )
    first = found.exits[0]
    env = claude_env(first.provider, spelt(first.key, "literal", first.name))
    if first.model is not None:
        env["ANTHROPIC_MODEL"] = first.model
    losses = list(found.losses)
    losses += [
        Loss(f"providers.{one.name}", None, "not written: settings lead to one provider")
        for one in found.exits[1:]
    ]
    return Written(json.dumps({"env": env}, indent=2) + "\n", tuple(losses), _ADVICE)
