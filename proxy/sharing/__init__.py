"""Several workers, and several hosts, that know the same: one log, and what each makes of it.

`hub` keeps the log for the workers of one host, `redis_link` has Redis keep it for several hosts;
`peering` is what one worker makes of it. See `docs/decisions/0021-one-log-for-all.md`.
"""
