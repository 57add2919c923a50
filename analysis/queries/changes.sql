-- By provider and hour (UTC): answers and failures, and of those with content how many were slow:
-- later than nine of ten at this provider.
WITH slow AS (
  SELECT provider, quantile_cont(first_content_us, 0.9) AS slow_us
  FROM judged WHERE first_content_us IS NOT NULL GROUP BY provider
)
SELECT j.provider, date_trunc('hour', j.started_at) AS hour,
  count_if(j.verdict = 'whole') AS whole, count_if(j.verdict IN ('whole', 'failed')) AS judged,
  count_if(j.first_content_us > s.slow_us) AS slow, count(j.first_content_us) AS timed
FROM judged AS j LEFT JOIN slow AS s USING (provider)
GROUP BY ALL
