-- One row per session that wrote to a cache: what of each token written was read again.
SELECT session_id AS session, min(received_at) AS began, count(*) AS requests,
  sum(cache_write_5m_tokens) AS written_5m, sum(cache_write_1h_tokens) AS written_1h,
  sum(cache_write_tokens) AS written, sum(cache_read_tokens) AS read,
  read / nullif(written, 0) AS reads_per_write
FROM asked
WHERE session_id IS NOT NULL
GROUP BY ALL
HAVING sum(cache_write_tokens) > 0
ORDER BY written DESC, session
