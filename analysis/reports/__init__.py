"""Reports for people in a shell: `verbs` has the verbs of `pointsman`, a module each does the work.

They are attached as entry points: see `docs/decisions/0029-verbs-of-others.md`.
"""
