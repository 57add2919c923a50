-- One row per attempt that asked for an answer, with what it says of the provider: whole, failed,
-- throttled; or nothing, where the client, the account or the proxy was at fault.
SELECT *,
  CASE
    WHEN outcome = 'client_left' THEN 'client'
    WHEN outcome IN ('stopped', 'crashed') THEN 'proxy'
    WHEN failure IN ('caller_fault', 'context_length', 'content_policy') THEN 'client'
    WHEN failure IN ('quota', 'credential', 'forbidden', 'forbidden_region', 'model_missing',
                     'model_forbidden') THEN 'account'
    WHEN failure = 'rate_limited' THEN 'throttled'
    WHEN outcome = 'whole' AND failure IS NULL THEN 'whole'
    ELSE 'failed'
  END AS verdict
FROM attempts
-- Counts of tokens and lists of models fail apart from answers.
WHERE NOT coalesce(
  url LIKE '%/count_tokens' OR url LIKE '%:countTokens' OR url LIKE '%/input_tokens'
  OR url LIKE '%/models', false)
