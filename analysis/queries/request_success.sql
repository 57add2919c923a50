-- How the requests of each app ended, by hour (UTC).
SELECT app, date_trunc('hour', received_at) AS hour,
  count(*) AS requests,
  count(*) FILTER (outcome = 'whole') AS whole,
  count(*) FILTER (outcome NOT IN ('caller_fault', 'rejected', 'client_left')) AS judged
FROM asked
GROUP BY ALL
