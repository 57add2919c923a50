"""From a client's wire to a provider's and back, through the middle."""
