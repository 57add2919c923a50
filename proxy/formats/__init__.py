"""Configurations of other tools, read and written: one module a tool, text in, text out.

`registry` names them, `setup` is what each is read into and written from, `document` and `table`
read JSON and YAML so that every key is either taken or told as a loss. Knows no file and no
configuration of ours. What each tool's file means: `facts/existing-systems.md` sections 1 to 5,
and the tools' own examples (read 2026-11-25); what is carried of each: `docs/coming-from.md`.
"""
