-- By provider and hour (UTC): what attempts cost, and of how many tokens that is.
SELECT provider, date_trunc('hour', started_at) AS hour,
  coalesce(sum(prompt_tokens + output) FILTER (list_usd IS NOT NULL), 0)::BIGINT AS list_tokens,
  coalesce(sum(prompt_tokens + output) FILTER (paid_usd IS NOT NULL), 0)::BIGINT AS paid_tokens,
  sum(list_usd) AS list_usd, sum(paid_usd) AS paid_usd
FROM priced
WHERE prompt_tokens IS NOT NULL
GROUP BY ALL
