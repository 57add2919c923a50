"""The command `pointsman`: `main` has its verbs, a module each does the work of some.

What a verb needs is imported when it runs, so that `pointsman --help` is there at once.
"""
