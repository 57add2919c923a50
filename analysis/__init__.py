"""From ledger rows to numbers and figures."""
