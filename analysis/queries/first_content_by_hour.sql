-- By provider and hour (UTC): how often attempts came to first content after so many milliseconds;
-- NULL where they failed before it.
SELECT provider, date_trunc('hour', started_at) AS hour,
  round(first_content_us / 1000)::BIGINT AS wait_ms, count(*) AS times
FROM judged
WHERE verdict IN ('whole', 'failed', 'throttled')
GROUP BY ALL
