-- One row per attempt, and what it cost; NULL where that is not known.
SELECT request_id, attempt_no, list_usd, paid_usd FROM priced
