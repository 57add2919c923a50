-- By provider, model and hour (UTC): what attempts cost, of how many tokens, and how many of those
-- had a price.
SELECT provider, model_sent AS model, date_trunc('hour', started_at) AS hour,
  count(*) AS attempts, sum(reported_cost) AS reported, count(reported_cost) AS reports,
  sum(prompt_tokens + output)::BIGINT AS tokens,
  coalesce(sum(prompt_tokens + output) FILTER (list_usd IS NOT NULL), 0)::BIGINT AS list_tokens,
  coalesce(sum(prompt_tokens + output) FILTER (paid_usd IS NOT NULL), 0)::BIGINT AS paid_tokens,
  sum(list_usd) AS list_usd, sum(paid_usd) AS paid_usd,
  sum(list_input_usd) FILTER (list_usd IS NOT NULL) AS list_input_usd,
  sum(paid_input_usd) FILTER (paid_usd IS NOT NULL) AS paid_input_usd,
  coalesce(sum(prompt_tokens) FILTER (list_usd IS NOT NULL), 0)::BIGINT AS list_prompt,
  coalesce(sum(prompt_tokens) FILTER (paid_usd IS NOT NULL), 0)::BIGINT AS paid_prompt
FROM priced
WHERE prompt_tokens > 0
GROUP BY ALL
