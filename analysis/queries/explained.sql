-- One row per attempt: what it did, what it used, and the prices that its tokens have; those that
-- asked for no answer have no price.
SELECT a.request_id::VARCHAR AS request_id, a.attempt_no, a.started_at, a.provider, a.credential,
  a.model_sent, a.reason, a.outcome, a.held, a.failure, a.rule, a.status, a.error_message, a.mended,
  a.pin, a.pin_why, a.first_content_us, a.total_us, a.prompt_tokens, a.output_tokens,
  p.read, p.written, p.written_1h, p.output, p.reasoning, p.listed, p.paid, p.price_source,
  p.list_usd, p.paid_usd
FROM attempts AS a LEFT JOIN priced AS p USING (request_id, attempt_no)
ORDER BY a.request_id, a.attempt_no
