-- All answered requests and the tokens of their prompts, whether their chains are known or not.
SELECT count(*) AS requests, sum(a.prompt_tokens)::DOUBLE AS tokens
FROM asked AS r
JOIN judged AS a ON a.request_id = r.request_id AND a.attempt_no = r.served_attempt_no
