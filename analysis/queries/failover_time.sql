-- One row per rescued request with what its first attempt failed of, and by app and hour (UTC) one
-- without that has the sums over all requests.
WITH tries AS (
  SELECT request_id, arg_min(coalesce(failure, outcome), attempt_no) AS failure,
    epoch_us(max(started_at)) - epoch_us(min(started_at)) AS lost_us
  FROM judged
  WHERE request_id IN (SELECT request_id FROM asked WHERE n_attempts > 1 AND outcome = 'whole')
  GROUP BY request_id
), rescued AS (
  SELECT r.app, date_trunc('hour', r.received_at) AS hour, t.failure, t.lost_us, r.total_us
  FROM asked AS r JOIN tries AS t USING (request_id)
)
SELECT app, hour, NULL::VARCHAR AS failure, sum(requests)::BIGINT AS requests,
  sum(total_us)::BIGINT AS total_us, sum(lost_us)::BIGINT AS lost_us
FROM (
  SELECT app, date_trunc('hour', received_at) AS hour, total_us, 0 AS lost_us, 1 AS requests
  FROM asked
  UNION ALL SELECT app, hour, NULL, lost_us, 0 FROM rescued)
GROUP BY ALL
UNION ALL
SELECT app, hour, failure, 1, total_us, lost_us FROM rescued
