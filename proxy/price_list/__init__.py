"""What models cost: the lists that come with genai-prices, mended where they have holes.

`lists` finds the list price of a model, `pricing` holds what the user says of what is really paid.
Budgets and the analysis look prices up here, both the same. Nothing is fetched; the lists are
loaded with the first question, for they take 0.2 s.
"""

from proxy.price_list.lists import Listed, listed
from proxy.price_list.pricing import (
    LIST_PRICES,
    Billing,
    ModelPricing,
    Pricing,
    ProviderPricing,
    Rate,
    Subscription,
)

__all__ = [
    "LIST_PRICES",
    "Billing",
    "Listed",
    "ModelPricing",
    "Pricing",
    "ProviderPricing",
    "Rate",
    "Subscription",
    "listed",
]
