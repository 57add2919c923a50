-- One row per attempt that asked for an answer, with its row of the price book: what it cost by the
-- list (list_…) and as paid (paid_…), and the counts that went into it, where NULL is 0.
SELECT a.*, b.listed, b.paid, b.price_source,
  coalesce(a.cache_read_tokens, 0) AS read,
  coalesce(a.cache_write_tokens,
    coalesce(a.cache_write_5m_tokens, 0) + coalesce(a.cache_write_1h_tokens, 0)) AS written,
  coalesce(a.cache_write_1h_tokens, 0) AS written_1h,
  coalesce(a.output_tokens, 0) AS output,
  CASE WHEN a.output_tokens IS NULL THEN 0 ELSE coalesce(a.reasoning_tokens, 0) END AS reasoning,
  usd_of_input(a.prompt_tokens, read, written, written_1h, b.listed) AS list_input_usd,
  usd_of_input(a.prompt_tokens, read, written, written_1h, b.paid) AS paid_input_usd,
  list_input_usd + usd_of_output(output, reasoning, b.listed) AS list_usd,
  paid_input_usd + usd_of_output(output, reasoning, b.paid) AS paid_usd
FROM judged AS a
LEFT JOIN price_book AS b
  ON a.provider = b.provider AND a.model_sent = b.model
  AND coalesce(a.service_tier, '') = coalesce(b.service_tier, '')
  AND a.started_at >= b.since AND a.started_at < b.until
  AND epoch_us(a.started_at) % 86400000000 >= b.from_us
  AND epoch_us(a.started_at) % 86400000000 < b.to_us
  AND a.prompt_tokens > b.over_tokens AND a.prompt_tokens <= b.upto_tokens
