-- How often each provider's attempts failed of what, and how long those took.
SELECT provider, coalesce(failure, outcome) AS failure,
  count(*) AS attempts,
  count(DISTINCT date_trunc('hour', started_at)) AS hours,
  median(total_us) / 1e6 AS median_s
FROM judged
WHERE outcome <> 'whole' OR failure IS NOT NULL
GROUP BY ALL
ORDER BY provider, attempts DESC
