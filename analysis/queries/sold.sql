-- Which models of which provider there are attempts of that may have cost something.
SELECT DISTINCT provider, model_sent AS model, service_tier
FROM attempts
WHERE model_sent IS NOT NULL AND prompt_tokens IS NOT NULL
ORDER BY ALL
