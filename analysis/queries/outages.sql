-- One row per run of failed attempts at a provider, and one per provider without any failure in it
-- that says from when until when it was seen.
WITH eligible AS (
  SELECT provider, started_at, verdict = 'whole' AS ok FROM judged
  WHERE verdict IN ('whole', 'failed')
), runs AS (
  SELECT provider, started_at, ok,
    count_if(ok) OVER (PARTITION BY provider ORDER BY started_at
      ROWS UNBOUNDED PRECEDING) AS run
  FROM eligible
), each AS (
  SELECT provider, run, count_if(NOT ok) AS failures,
    min(started_at) FILTER (NOT ok) AS first_failure,
    max(started_at) FILTER (NOT ok) AS last_failure,
    max(started_at) FILTER (ok) AS last_success
  FROM runs GROUP BY ALL
), followed AS (
  SELECT *, lead(last_success) OVER (PARTITION BY provider ORDER BY run) AS next_success FROM each
)
SELECT provider, failures, first_failure, last_failure, last_success, next_success,
  NULL::TIMESTAMP AS seen_from, NULL::TIMESTAMP AS seen_until, 0 AS attempts
FROM followed WHERE failures >= 3
UNION ALL
SELECT provider, 0, NULL, NULL, NULL, NULL, min(started_at), max(started_at), count(*)
FROM eligible GROUP BY provider
