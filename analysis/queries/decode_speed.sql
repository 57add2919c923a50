-- How often which model of which provider wrote so many tokens a second, to a tenth; NULL where it
-- cannot be known.
SELECT provider, model_sent AS model,
  CASE WHEN output_tokens > 1 AND last_byte_us > first_content_us THEN
    round((output_tokens - 1) * 1e7 / (last_byte_us - first_content_us)) / 10 END AS value,
  count(*) AS times
FROM judged
WHERE verdict = 'whole'
GROUP BY ALL
