-- How often requests of an app were held up by us for so many times ten microseconds.
WITH each AS (
  SELECT app, round(overhead_in_us / 10)::BIGINT AS way_in,
    round(overhead_out_us / 10)::BIGINT AS way_out, way_in + way_out AS either
  FROM asked
)
SELECT app, 'way in' AS what, way_in AS us10, count(*) AS times FROM each GROUP BY ALL
UNION ALL SELECT app, 'way out', way_out, count(*) FROM each GROUP BY ALL
UNION ALL SELECT app, 'both', either, count(*) FROM each GROUP BY ALL
