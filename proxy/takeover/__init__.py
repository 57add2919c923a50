"""Takes over the configuration of the coding CLIs, and gives it back.

`claude`, `codex` and `gemini` say which keys of which files must have which values; `merge`
decides, out of what was there, what we wrote and what is there, what is to be there; `journal`
remembers it, and `taking` does it. Knows no proxy: only an address and a token. What the CLIs need
is measured in `facts/clients.md` (1.6, 2.1, 3.3; read 2026-11-25).
"""
