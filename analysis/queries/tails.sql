-- How often requests of an app had their first content, and all, after so many milliseconds; NULL
-- where they never did.
WITH counted AS (
  SELECT app, CASE WHEN outcome = 'whole' THEN first_content_us END AS first_us,
    CASE WHEN outcome = 'whole' THEN total_us END AS total_us
  FROM asked WHERE outcome NOT IN ('caller_fault', 'rejected', 'client_left')
)
SELECT app, 'first content' AS what, round(first_us / 1000)::BIGINT AS wait_ms, count(*) AS times
FROM counted GROUP BY ALL
UNION ALL
SELECT app, 'all of it', round(total_us / 1000)::BIGINT, count(*) FROM counted GROUP BY ALL
