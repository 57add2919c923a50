-- By provider and session: what the input of attempts would have cost without a cache, and what the
-- cache saved: reads cost less than fresh input, writes more.
WITH each AS (
  SELECT p.provider, coalesce(r.session_id, p.request_id::VARCHAR) AS session,
    p.prompt_tokens + p.output AS tokens, p.list_usd, p.paid_usd,
    p.prompt_tokens * p.listed.input / 1e6 - p.list_input_usd AS list_saved,
    p.prompt_tokens * p.paid.input / 1e6 - p.paid_input_usd AS paid_saved,
    p.read * (p.listed.input - p.listed.cache_read) / 1e6 AS list_read,
    p.read * (p.paid.input - p.paid.cache_read) / 1e6 AS paid_read
  FROM priced AS p LEFT JOIN requests AS r USING (request_id)
  WHERE p.prompt_tokens IS NOT NULL
    AND (p.cache_read_tokens IS NOT NULL OR p.cache_write_tokens IS NOT NULL)
)
SELECT provider, session, count(*) AS attempts, sum(tokens)::BIGINT AS tokens,
  coalesce(sum(tokens) FILTER (list_usd IS NOT NULL), 0)::BIGINT AS list_tokens,
  coalesce(sum(tokens) FILTER (paid_usd IS NOT NULL), 0)::BIGINT AS paid_tokens,
  sum(list_usd + list_saved) AS list_bare_usd, sum(paid_usd + paid_saved) AS paid_bare_usd,
  sum(list_saved) FILTER (list_usd IS NOT NULL) AS list_saved_usd,
  sum(paid_saved) FILTER (paid_usd IS NOT NULL) AS paid_saved_usd,
  sum(list_read) FILTER (list_usd IS NOT NULL) AS list_read_usd,
  sum(paid_read) FILTER (paid_usd IS NOT NULL) AS paid_read_usd,
  sum(list_read - list_saved) FILTER (list_usd IS NOT NULL) AS list_write_usd,
  sum(paid_read - paid_saved) FILTER (paid_usd IS NOT NULL) AS paid_write_usd
FROM each
GROUP BY ALL
