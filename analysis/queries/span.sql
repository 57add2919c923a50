-- When the first and the last request of those asked about came in.
SELECT min(received_at) AS first_at, max(received_at) AS last_at FROM requests
