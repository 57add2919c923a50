-- By provider, session and cause: tokens that could have been read from a cache and were not, and
-- what they cost more for it.
WITH missing AS (
  SELECT a.request_id, a.attempt_no, coalesce(r.session_id, r.request_id::VARCHAR) AS session,
    r.received_at, r.parent_request, r.lcp_chars, r.prompt_chars,
    floor(a.prompt_tokens * r.lcp_chars / r.prompt_chars)::BIGINT AS reach,
    reach - a.cache_read_tokens AS missed
  FROM judged AS a
  JOIN requests AS r ON r.request_id = a.request_id AND r.n_attempts = a.attempt_no
  WHERE a.cache_read_tokens < 0.9 * reach AND a.prompt_tokens > 0
    AND r.lcp_chars > 0 AND r.prompt_chars > 0
), each AS (
  SELECT p.*, m.session, m.reach, m.missed, m.lcp_chars, m.prompt_chars,
    parent.prompt_chars AS parent_chars, parent.model_sent AS parent_model,
    parent.provider AS parent_provider, parent.credential AS parent_credential,
    c.min_tokens,
    -- Of a cache that promises nothing, nothing is too late.
    CASE WHEN parent.cache_write_1h_tokens > 0 THEN 3600 ELSE c.ttl_s END AS lives_s,
    epoch(m.received_at - parent.received_at) AS since_s,
    parent.received_at + to_microseconds(coalesce(parent.first_content_us, parent.total_us, 0))
      AS readable_at
  FROM missing AS m
  JOIN priced AS p ON p.request_id = m.request_id AND p.attempt_no = m.attempt_no
  JOIN requests AS parent ON parent.request_id = m.parent_request
  LEFT JOIN cache_policy AS c ON c.model = p.model_sent
), caused AS (
  SELECT *,
    CASE
      WHEN reach < min_tokens THEN 'below_min'
      WHEN parent_model IS DISTINCT FROM model_sent THEN 'model_changed'
      WHEN parent_provider IS DISTINCT FROM provider
        THEN concat('provider_switched', ' (' || coalesce(pin_why, 'no pin') || ')')
      WHEN parent_credential IS DISTINCT FROM credential THEN 'account_switched'
      WHEN since_s > lives_s THEN 'ttl_expired'
      WHEN prompt_chars < 0.5 * parent_chars THEN 'compacted'
      WHEN lcp_chars < 0.9 * parent_chars THEN 'prefix_changed'
      WHEN readable_at > started_at THEN 'parallel_cold'
      ELSE 'unexplained'
    END AS cause,
    prompt_tokens - read - missed AS rest, greatest(0, written - missed) AS still,
    least(written_1h, still) AS still_1h
  FROM each
)
SELECT provider, session, cause, count(*) AS attempts, sum(missed)::BIGINT AS missed,
  coalesce(sum(missed) FILTER (list_usd IS NOT NULL), 0)::BIGINT AS list_tokens,
  coalesce(sum(missed) FILTER (paid_usd IS NOT NULL), 0)::BIGINT AS paid_tokens,
  sum(list_input_usd - usd_of_input(prompt_tokens, read + missed, least(still, rest),
    least(still_1h, rest), listed)) AS list_usd,
  sum(paid_input_usd - usd_of_input(prompt_tokens, read + missed, least(still, rest),
    least(still_1h, rest), paid)) AS paid_usd
FROM caused
GROUP BY ALL
