-- What one answer costs in USD at the prices p of a row of the price book; NULL where a price or
-- the prompt is not known, or where the counts contradict each other. Of an answer that broke off
-- the known part counts: its prompt was paid.
CREATE OR REPLACE TEMP MACRO usd_of(prompt, read, written, written_1h, output, reasoning, p) AS
  CASE
    WHEN prompt IS NULL OR p.input IS NULL OR (output > 0 AND p.output IS NULL) THEN NULL
    WHEN read + written > prompt OR written_1h > written OR reasoning > output THEN NULL
    ELSE ((prompt - read - written) * p.input + read * p.cache_read
      + (written - written_1h) * p.cache_write_5m + written_1h * p.cache_write_1h
      + (output - reasoning) * coalesce(p.output, 0) + reasoning * coalesce(p.reasoning, 0)) / 1e6
      + p.request
  END;
-- The same of its input alone.
CREATE OR REPLACE TEMP MACRO usd_of_input(prompt, read, written, written_1h, p) AS
  usd_of(prompt, read, written, written_1h, 0, 0, p) - p.request;
