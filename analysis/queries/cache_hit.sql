-- By provider and session: tokens of prompts, and how many of them were read from its cache.
WITH each AS (
  SELECT a.provider, coalesce(r.session_id, a.request_id::VARCHAR) AS session,
    a.prompt_tokens, a.cache_read_tokens AS read, r.received_at,
    -- Characters shared with an earlier request, as tokens of this prompt.
    CASE WHEN r.prompt_chars > 0 THEN a.prompt_tokens * r.lcp_chars / r.prompt_chars END AS reach
  FROM judged AS a JOIN requests AS r USING (request_id)
  WHERE a.prompt_tokens > 0
), firsts AS (
  SELECT session, min(received_at) AS first_at FROM each GROUP BY session
)
SELECT e.provider, e.session,
  sum(prompt_tokens)::BIGINT AS all_prompt,
  coalesce(sum(prompt_tokens) FILTER (read IS NOT NULL), 0)::BIGINT AS prompt,
  coalesce(sum(read), 0)::BIGINT AS read,
  count(read) AS reported,
  count_if(read > 0) AS with_hit,
  coalesce(sum(prompt_tokens) FILTER (read IS NOT NULL AND received_at > first_at), 0)::BIGINT
    AS later_prompt,
  coalesce(sum(read) FILTER (received_at > first_at), 0)::BIGINT AS later_read,
  count(read) FILTER (received_at > first_at) AS later,
  coalesce(sum(least(reach, prompt_tokens)) FILTER (read IS NOT NULL AND reach > 0), 0) AS reach,
  coalesce(sum(read) FILTER (reach > 0), 0)::BIGINT AS reach_read,
  count(read) FILTER (reach > 0) AS reachable
FROM each AS e JOIN firsts USING (session)
GROUP BY ALL
