-- What must be equal: attempts and each class of tokens by both grains, prompts and their parts.
WITH one AS (
  SELECT sum(n_attempts) AS attempts, sum(prompt_tokens) AS prompts,
    sum(cache_read_tokens) AS reads, sum(cache_write_tokens) AS writes, sum(output_tokens) AS outputs
  FROM requests
), other AS (
  SELECT count(*) AS attempts, sum(prompt_tokens) AS prompts, sum(cache_read_tokens) AS reads,
    sum(cache_write_tokens) AS writes, sum(output_tokens) AS outputs,
    sum(prompt_tokens) FILTER (uncached_input_tokens IS NOT NULL) AS split,
    sum(uncached_input_tokens + coalesce(cache_read_tokens, 0) + coalesce(cache_write_tokens, 0))
      FILTER (prompt_tokens IS NOT NULL) AS parts
  FROM attempts
), pairs AS (
  SELECT unnest([
    {'what': 'attempts', 'one_way': one.attempts, 'other_way': other.attempts},
    {'what': 'prompt tokens', 'one_way': one.prompts, 'other_way': other.prompts},
    {'what': 'cache reads', 'one_way': one.reads, 'other_way': other.reads},
    {'what': 'cache writes', 'one_way': one.writes, 'other_way': other.writes},
    {'what': 'output tokens', 'one_way': one.outputs, 'other_way': other.outputs},
    {'what': 'prompts and their parts', 'one_way': other.split, 'other_way': other.parts}
  ]) AS pair
  FROM one, other
)
SELECT pair.what AS what, pair.one_way::BIGINT AS one_way, pair.other_way::BIGINT AS other_way,
  pair.one_way IS NOT DISTINCT FROM pair.other_way AS equal
FROM pairs
WHERE coalesce(pair.one_way, 0) + coalesce(pair.other_way, 0) > 0
