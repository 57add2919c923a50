"""Which target next? Pure functions from what is known to what to do."""
