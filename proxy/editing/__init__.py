"""Changes single keys of files that somebody else writes, and nothing else in them.

`jsonc`, `toml` and `dotenv` change a text, `formats` names them, `files` replaces a file so that
it is always the old one or the new one. Knows no proxy.
"""
