-- What came of the first attempts of each app's requests, and of the requests, by hour (UTC).
-- A request without an attempt (nobody could be asked) had no first success.
WITH each AS (
  SELECT r.app, date_trunc('hour', r.received_at) AS hour,
    r.outcome NOT IN ('caller_fault', 'rejected', 'client_left') AS judged,
    judged AND r.outcome = 'whole' AS whole,
    judged AND coalesce(a.verdict = 'whole', false) AS first_whole,
    whole AND NOT first_whole AS rescued,
    rescued AND r.provider IS DISTINCT FROM a.provider AS elsewhere
  FROM asked AS r LEFT JOIN judged AS a ON a.request_id = r.request_id AND a.attempt_no = 1
)
SELECT app, hour, count(*) AS requests,
  count_if(judged) AS judged,
  count_if(whole) AS whole,
  count_if(first_whole) AS first_whole,
  count_if(judged AND NOT first_whole) AS first_failed,
  count_if(rescued) AS rescued,
  count_if(elsewhere) AS elsewhere,
  count_if(first_whole AND NOT whole) AS harmed
FROM each
GROUP BY ALL
