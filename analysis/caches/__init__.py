"""How providers' prompt caches behave, as data: the smallest prefix, and how long one is kept."""

from analysis.caches.policies import POLICIES, CachePolicy, policy_of, with_policies

__all__ = ["POLICIES", "CachePolicy", "policy_of", "with_policies"]
