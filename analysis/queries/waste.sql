-- By provider and hour (UTC): what attempts cost that served the client, and those that did not.
SELECT provider, date_trunc('hour', started_at) AS hour,
  committed OR verdict = 'whole' AS served,
  count(*) AS attempts, sum(total_us) / 1e6 AS total_s,
  coalesce(sum(prompt_tokens + output), 0)::BIGINT AS tokens,
  coalesce(sum(prompt_tokens + output) FILTER (list_usd IS NOT NULL), 0)::BIGINT AS list_tokens,
  coalesce(sum(prompt_tokens + output) FILTER (paid_usd IS NOT NULL), 0)::BIGINT AS paid_tokens,
  sum(list_usd) AS list_usd, sum(paid_usd) AS paid_usd
FROM priced
GROUP BY ALL
