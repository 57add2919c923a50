-- What each day (UTC) cost by class of tokens at list prices, and as paid.
SELECT started_at::DATE AS day,
  sum((prompt_tokens - read - written) * listed.input / 1e6) AS fresh_input,
  sum(read * listed.cache_read / 1e6) AS cache_reads,
  sum(((written - written_1h) * listed.cache_write_5m + written_1h * listed.cache_write_1h) / 1e6)
    AS cache_writes,
  sum(list_usd - list_input_usd) AS output,
  sum(list_usd) AS listed, sum(paid_usd) AS paid,
  sum(prompt_tokens + output)::BIGINT AS tokens,
  coalesce(sum(prompt_tokens + output) FILTER (list_usd IS NOT NULL), 0)::BIGINT AS priced_tokens
FROM priced
WHERE prompt_tokens IS NOT NULL
GROUP BY ALL
