"""The section `[[activations]]`."""

from proxy.config.providers import Place, Upstreams, candidates_at
from proxy.config.routing_tables import ActivationTable
from proxy.config.sections import Sections
from proxy.config.times import minute_of
from proxy.routing.activation import Activation
from proxy.routing.windows import Window, read_window


def activations(sections: Sections, known: Upstreams) -> tuple[Activation, ...]:
    """Return those that are switched on, at providers that are."""
    found = []
    for no, raw in enumerate(sections.listed("activations")):
        key = ("activations", no)
        table = sections.table(ActivationTable, key, raw)
        if table is None:
            continue
        place = Place(key, (*key, "provider"), table.provider, table.key, table.model)
        asked = candidates_at(sections, place, known)
        if not table.enabled or not asked:
            continue
        if asked[0].enabled:
            found.append(_activation(table))
        else:
            sections.warn(key, f"does nothing: {table.provider} is disabled")
    return tuple(found)


def _activation(table: ActivationTable) -> Activation:
    window = Window() if table.days is None else read_window(table.days)
    return Activation(
        provider=table.provider,
        credential=table.key,
        model=table.model,
        minutes=tuple(sorted(minute_of(time) for time in table.at)),
        days=window.days,
        zone=table.zone,
        max_usd=table.max_usd,
        **table.given("tries"),
    )
