-- Some attempts with a list price, and all that genai-prices wants to know of them.
SELECT provider, model_sent AS model, service_tier, started_at, prompt_tokens,
  read, written, written_1h, output, list_usd
FROM priced
WHERE list_usd IS NOT NULL AND read + written <= prompt_tokens
LIMIT 300
