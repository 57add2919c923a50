-- By pair of wires and hour (UTC): how many attempts were converted (what NULL), and of how many of
-- them what was lost.
WITH converted AS (
  SELECT r.client_wire, a.provider_wire, date_trunc('hour', a.started_at) AS hour,
    a.request_id, a.attempt_no
  FROM judged AS a JOIN asked AS r USING (request_id)
  WHERE a.provider_wire <> r.client_wire
), lost AS (
  SELECT DISTINCT client_wire, provider_wire, hour, request_id, attempt_no, what
  FROM losses JOIN converted USING (request_id, attempt_no)
)
SELECT client_wire, provider_wire, hour, NULL::VARCHAR AS what, count(*) AS converted, 0 AS lossy
FROM converted GROUP BY ALL
UNION ALL
SELECT client_wire, provider_wire, hour, what, 0, count(*) FROM lost GROUP BY ALL
UNION ALL
SELECT client_wire, provider_wire, hour, 'anything', 0, count(DISTINCT (request_id, attempt_no))
FROM lost GROUP BY ALL
