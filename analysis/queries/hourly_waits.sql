-- Of each provider and hour of the day (UTC): how long answered attempts took to first content.
SELECT provider, hour(started_at) AS hour, count(*) AS attempts,
  quantile_cont(first_content_us, 0.5) / 1e6 AS p50_s,
  quantile_cont(first_content_us, 0.95) / 1e6 AS p95_s
FROM judged
WHERE first_content_us IS NOT NULL
GROUP BY ALL
ORDER BY provider, hour
