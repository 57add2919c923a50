"""The proxy in the background: started, found again, stopped, and its log.

A proxy in the background holds the lock of its port (`proxy.lock`) for as long as it lives, so
nobody has to guess from a process number whether it is still there; `run` says which process it is
and how it was started. Knows no proxy: only a command line and an address that must answer.
"""
