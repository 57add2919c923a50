-- One row per attempt at a provider, and one per time that it was left alone.
SELECT 'attempt' AS kind, provider, started_at AS began,
  started_at + to_microseconds(total_us) AS ended, verdict AS what,
  concat_ws(' ', outcome, failure, status::VARCHAR, model_sent) AS told
FROM judged
UNION ALL
SELECT 'away', provider, event_at, until_at, kind, concat_ws(' ', kind, credential, model, why)
FROM events
WHERE until_at IS NOT NULL AND provider IS NOT NULL
