-- How often the longest wait between two pieces of an answer was so many milliseconds (to ten of
-- them), by provider and hour (UTC).
SELECT provider, date_trunc('hour', started_at) AS hour,
  (round(max_gap_us / 10000) * 10)::BIGINT AS gap_ms, count(*) AS times
FROM judged
WHERE first_content_us IS NOT NULL AND max_gap_us IS NOT NULL
GROUP BY ALL
