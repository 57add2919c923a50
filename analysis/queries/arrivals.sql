-- One row per request that was answered and of whose prompt both the chain and the tokens are known:
-- when it came, what it shares with an earlier one, who served it, and what the cache gave.
SELECT r.request_id::VARCHAR AS id, r.parent_request::VARCHAR AS parent_id,
  coalesce(r.app, '') AS app, r.client_key, r.session_id AS session,
  epoch_us(r.received_at) AS at_us,
  coalesce(a.first_content_us, least(a.total_us, 3000000)) AS readable_us,
  a.first_content_us AS first_us,
  coalesce(r.model_requested, a.model_sent, '') AS asked,
  coalesce(a.model_sent, r.model_requested, '') AS sent,
  a.provider, a.credential, a.service_tier,
  r.prompt_chars AS chars, r.lcp_chars,
  a.prompt_tokens::DOUBLE AS prompt, a.cache_read_tokens::DOUBLE AS read,
  coalesce(a.cache_write_tokens,
    coalesce(a.cache_write_5m_tokens, 0) + coalesce(a.cache_write_1h_tokens, 0))::DOUBLE AS written,
  coalesce(a.cache_write_1h_tokens, 0)::DOUBLE AS written_1h,
  coalesce(a.output_tokens, 0)::DOUBLE AS output
FROM asked AS r
JOIN judged AS a ON a.request_id = r.request_id AND a.attempt_no = r.served_attempt_no
WHERE a.prompt_tokens > 0 AND r.prompt_chars > 0 AND r.lcp_chars IS NOT NULL
ORDER BY at_us, id
