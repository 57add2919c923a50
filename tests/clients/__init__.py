"""Claude Code, Codex CLI and Gemini CLI themselves, through the proxy, with no network at all."""
