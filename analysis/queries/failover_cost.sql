-- One row per request that another provider answered than was asked first, where that one may have
-- had its prompt in its cache: what the answer cost more than with those tokens read.
WITH moved AS (
  SELECT r.app, r.request_id, r.n_attempts, r.received_at, r.parent_request,
    r.lcp_chars / r.prompt_chars AS shared, f.provider AS first_provider
  FROM asked AS r JOIN judged AS f ON f.request_id = r.request_id AND f.attempt_no = 1
  WHERE r.outcome = 'whole' AND r.n_attempts > 1 AND r.provider <> f.provider
    AND r.lcp_chars > 0 AND r.prompt_chars > 0
), warm AS (
  SELECT m.*
  FROM moved AS m JOIN requests AS parent ON parent.request_id = m.parent_request
  LEFT JOIN cache_policy AS c ON c.model = parent.model_sent
  WHERE parent.provider = m.first_provider
    AND epoch(m.received_at - parent.received_at)
      <= CASE WHEN parent.cache_write_1h_tokens > 0 THEN 3600 ELSE coalesce(c.ttl_s, 300) END
), each AS (
  SELECT w.app, p.*,
    greatest(p.read, least(p.prompt_tokens, floor(p.prompt_tokens * w.shared)))::BIGINT AS warm_read,
    p.prompt_tokens - warm_read AS rest,
    greatest(0, p.written - (warm_read - p.read)) AS still_written
  FROM warm AS w JOIN priced AS p ON p.request_id = w.request_id AND p.attempt_no = w.n_attempts
  WHERE p.prompt_tokens IS NOT NULL AND p.cache_read_tokens IS NOT NULL
)
SELECT app, prompt_tokens,
  list_input_usd - usd_of_input(prompt_tokens, warm_read, least(still_written, rest),
    least(written_1h, still_written, rest), listed) AS list_cold_usd,
  paid_input_usd - usd_of_input(prompt_tokens, warm_read, least(still_written, rest),
    least(written_1h, still_written, rest), paid) AS paid_cold_usd
FROM each
