-- What requests used in each ten minutes (UTC) that had any.
SELECT time_bucket(INTERVAL 10 MINUTE, r.received_at) AS step,
  count(DISTINCT r.request_id) AS requests,
  sum(coalesce(p.prompt_tokens, 0) + coalesce(p.output, 0))::BIGINT AS tokens,
  sum(p.list_usd) AS list_usd, sum(p.paid_usd) AS paid_usd,
  coalesce(sum(p.prompt_tokens + p.output) FILTER (p.list_usd IS NOT NULL), 0)::BIGINT
    AS list_usd_tokens,
  coalesce(sum(p.prompt_tokens + p.output) FILTER (p.paid_usd IS NOT NULL), 0)::BIGINT
    AS paid_usd_tokens
FROM asked AS r LEFT JOIN priced AS p USING (request_id)
GROUP BY ALL
