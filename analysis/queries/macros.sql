-- What one answer costs in USD at the prices p of a row of the price book; NULL where a price or
-- the prompt is not known, or where the counts contradict each other. Of an answer that broke off
-- the known part counts: its prompt was paid.
CREATE OR REPLACE TEMP MACRO usd_of_input(prompt, read, written, written_1h, p) AS
  CASE WHEN read + written <= prompt AND written_1h <= written THEN
    ((prompt - read - written) * p.input + read * p.cache_read
      + (written - written_1h) * p.cache_write_5m + written_1h * p.cache_write_1h) / 1e6 END;
CREATE OR REPLACE TEMP MACRO usd_of_output(output, reasoning, p) AS
  CASE WHEN output = 0 THEN p.request
    WHEN reasoning = 0 THEN output * p.output / 1e6 + p.request
    WHEN reasoning <= output
      THEN ((output - reasoning) * p.output + reasoning * p.reasoning) / 1e6 + p.request END;
