-- The same by session: the attempts of its requests, whenever they began.
SELECT session_id AS key, part, sum(requests)::BIGINT AS requests, sum(attempts)::BIGINT AS attempts,
  sum(prompt)::BIGINT AS prompt, sum(uncached)::BIGINT AS uncached, sum(read)::BIGINT AS read,
  sum(written)::BIGINT AS written, sum(output)::BIGINT AS output,
  sum(told_prompt)::BIGINT AS told_prompt, sum(tokens)::BIGINT AS tokens,
  sum(list_tokens)::BIGINT AS list_tokens, sum(paid_tokens)::BIGINT AS paid_tokens,
  sum(list_usd) AS list_usd, sum(paid_usd) AS paid_usd, max(last_at) AS last_at
FROM (
  SELECT session_id, usage_part(provider, model_sent) AS part, count(*) AS requests,
    max(received_at) AS last_at
  FROM asked
  GROUP BY ALL
  UNION ALL BY NAME
  SELECT r.session_id, usage_part(p.provider, p.model_sent) AS part, count(*) AS attempts,
    sum(p.prompt_tokens) AS prompt, sum(p.uncached_input_tokens) AS uncached,
    sum(p.cache_read_tokens) AS read,
    sum(coalesce(p.cache_write_tokens, p.cache_write_5m_tokens + p.cache_write_1h_tokens))
      AS written,
    sum(p.output_tokens) AS output,
    sum(p.prompt_tokens) FILTER (p.cache_read_tokens IS NOT NULL) AS told_prompt,
    sum(p.prompt_tokens + p.output) AS tokens,
    sum(p.prompt_tokens + p.output) FILTER (p.list_usd IS NOT NULL) AS list_tokens,
    sum(p.prompt_tokens + p.output) FILTER (p.paid_usd IS NOT NULL) AS paid_tokens,
    sum(p.list_usd) AS list_usd, sum(p.paid_usd) AS paid_usd
  FROM priced AS p JOIN (SELECT request_id, session_id FROM requests) AS r USING (request_id)
  GROUP BY ALL
)
GROUP BY ALL
