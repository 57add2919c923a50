-- By app and hour (UTC): how many requests failed (provider NULL), and how many attempts at each
-- provider.
SELECT app, NULL::VARCHAR AS provider, date_trunc('hour', received_at) AS hour,
  count_if(outcome NOT IN ('caller_fault', 'rejected', 'client_left')) AS judged,
  count_if(outcome NOT IN ('caller_fault', 'rejected', 'client_left', 'whole')) AS failed
FROM asked
GROUP BY ALL
UNION ALL
SELECT r.app, a.provider, date_trunc('hour', r.received_at) AS hour,
  count_if(a.verdict IN ('whole', 'failed', 'throttled')),
  count_if(a.verdict IN ('failed', 'throttled'))
FROM judged AS a JOIN asked AS r USING (request_id)
GROUP BY ALL
