-- By key and part (macros that the report puts there): how many requests were received, and what
-- attempts used and cost, each where it began. What nobody counted is NULL, and in no sum.
SELECT key, part, sum(requests)::BIGINT AS requests, sum(attempts)::BIGINT AS attempts,
  sum(prompt)::BIGINT AS prompt, sum(uncached)::BIGINT AS uncached, sum(read)::BIGINT AS read,
  sum(written)::BIGINT AS written, sum(output)::BIGINT AS output,
  sum(told_prompt)::BIGINT AS told_prompt, sum(tokens)::BIGINT AS tokens,
  sum(list_tokens)::BIGINT AS list_tokens, sum(paid_tokens)::BIGINT AS paid_tokens,
  sum(list_usd) AS list_usd, sum(paid_usd) AS paid_usd
FROM (
  SELECT usage_key(received_at, provider, model_sent) AS key,
    usage_part(provider, model_sent) AS part, count(*) AS requests
  FROM asked
  GROUP BY ALL
  UNION ALL BY NAME
  SELECT usage_key(started_at, provider, model_sent) AS key,
    usage_part(provider, model_sent) AS part, count(*) AS attempts,
    sum(prompt_tokens) AS prompt, sum(uncached_input_tokens) AS uncached,
    sum(cache_read_tokens) AS read,
    sum(coalesce(cache_write_tokens, cache_write_5m_tokens + cache_write_1h_tokens)) AS written,
    sum(output_tokens) AS output,
    sum(prompt_tokens) FILTER (cache_read_tokens IS NOT NULL) AS told_prompt,
    sum(prompt_tokens + output) AS tokens,
    sum(prompt_tokens + output) FILTER (list_usd IS NOT NULL) AS list_tokens,
    sum(prompt_tokens + output) FILTER (paid_usd IS NOT NULL) AS paid_tokens,
    sum(list_usd) AS list_usd, sum(paid_usd) AS paid_usd
  FROM priced
  GROUP BY ALL
)
GROUP BY ALL
