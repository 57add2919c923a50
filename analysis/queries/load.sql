-- By app and hour (UTC): how many requests came and for how long the app was in use; and once for
-- each app all starts (odd) and ends (even) in microseconds, doubled: at one time the end is first.
WITH timed AS (
  SELECT app, received_at, received_at + to_microseconds(coalesce(total_us, 0)) AS ended_at,
    total_us, coalesce(prompt_tokens, 0) + coalesce(output_tokens, 0) AS tokens
  FROM asked
), moves AS (
  SELECT app, list(2 * epoch_us(received_at) + 1) AS starts, list(2 * epoch_us(ended_at)) AS ends
  FROM timed WHERE total_us IS NOT NULL GROUP BY app
), arrivals AS (
  SELECT app, date_trunc('hour', received_at) AS hour, count(*) AS requests,
    count(total_us) AS known, coalesce(sum(total_us), 0) / 1e6 AS total_s,
    sum(tokens)::BIGINT AS tokens
  FROM timed GROUP BY ALL
), spans AS (
  SELECT app, min(received_at) AS first_at, max(ended_at) AS last_at FROM timed GROUP BY app
), every AS (
  SELECT *, unnest(generate_series(date_trunc('hour', first_at), last_at, INTERVAL 1 HOUR)) AS hour
  FROM spans
)
SELECT e.app, e.hour,
  epoch(least(e.hour + INTERVAL 1 HOUR, e.last_at) - greatest(e.hour, e.first_at)) AS open_s,
  coalesce(a.requests, 0) AS requests, coalesce(a.known, 0) AS known,
  coalesce(a.total_s, 0) AS total_s, coalesce(a.tokens, 0) AS tokens,
  CASE WHEN e.hour <= e.first_at THEN list_concat(m.starts, m.ends) END AS moves
FROM every AS e
LEFT JOIN arrivals AS a ON a.app IS NOT DISTINCT FROM e.app AND a.hour = e.hour
LEFT JOIN moves AS m ON m.app IS NOT DISTINCT FROM e.app
