-- One row per answered request of a conversation: its prompt by what the cache did with it.
SELECT session_id AS session, received_at, provider, model_sent AS model,
  prompt_tokens, coalesce(cache_read_tokens, 0) AS read,
  coalesce(cache_write_tokens, 0) AS written, prompt_tokens - read - written AS fresh
FROM asked
WHERE session_id IS NOT NULL AND prompt_tokens IS NOT NULL
