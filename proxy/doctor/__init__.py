"""Looks for what keeps a setup from working, and says what mends each thing.

Each module looks at one matter and returns findings; `reach` asks the providers. Nothing here
changes anything: what `--fix` may do is named by a finding and done by the command line.
"""
