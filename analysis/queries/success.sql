-- What came of each provider's attempts, by hour (UTC).
SELECT provider, date_trunc('hour', started_at) AS hour,
  count(*) AS attempts,
  count(*) FILTER (verdict = 'whole') AS whole,
  count(*) FILTER (verdict = 'failed') AS failed,
  count(*) FILTER (verdict = 'throttled') AS throttled
FROM judged
GROUP BY ALL
