-- How often which provider's attempts came to first content after so many milliseconds, or ended
-- before it: timed out or broke off, left by the client, or refused.
SELECT provider,
  CASE
    WHEN first_content_us IS NOT NULL THEN 'content'
    WHEN verdict = 'client' AND outcome = 'client_left' THEN 'left'
    WHEN outcome IN ('late', 'stalled', 'truncated', 'reset') THEN 'lost'
    ELSE 'refused'
  END AS ends,
  round(coalesce(first_content_us, total_us) / 1000)::BIGINT AS wait_ms, count(*) AS times
FROM judged
WHERE verdict IN ('whole', 'failed', 'throttled')
  OR (verdict = 'client' AND outcome = 'client_left')
GROUP BY ALL
