-- One day of a ledger that nobody lived, for tests and benchmarks. Each value is drawn by a hash of
-- (seed, day, session, turn): under one version of DuckDB equal seeds give equal rows.
-- Quantiles are those of real coding sessions (0, 5, 25, 50, 75, 95, 99, 100 %; the ends are guesses).
-- Variables: seed, day_no, day (DATE), requests (of this day), providers (how many).
-- The views made_requests, made_attempts, made_losses, made_events say each column of schema.sql.

CREATE OR REPLACE TEMP MACRO part(h, n) AS ((h >> (16 * n)) & 65535)::DOUBLE / 65536;
CREATE OR REPLACE TEMP MACRO between_two(x, a, b) AS a * (b / a) ** x;
CREATE OR REPLACE TEMP MACRO drawn(u, q) AS CASE
  WHEN u < 0.05 THEN between_two(u / 0.05, q[1], q[2])
  WHEN u < 0.25 THEN between_two((u - 0.05) / 0.20, q[2], q[3])
  WHEN u < 0.50 THEN between_two((u - 0.25) / 0.25, q[3], q[4])
  WHEN u < 0.75 THEN between_two((u - 0.50) / 0.25, q[4], q[5])
  WHEN u < 0.95 THEN between_two((u - 0.75) / 0.20, q[5], q[6])
  WHEN u < 0.99 THEN between_two((u - 0.95) / 0.04, q[6], q[7])
  ELSE between_two((u - 0.99) / 0.01, q[7], q[8]) END;
CREATE OR REPLACE TEMP MACRO picked(u, among) AS among[1 + floor(u * len(among))::INTEGER];
CREATE OR REPLACE TEMP MACRO hex16(h) AS printf('%016x', h);
CREATE OR REPLACE TEMP MACRO as_uuid(us, a, b) AS concat(
  hex16(us // 1000)[5:12], '-', hex16(us // 1000)[13:16], '-7', hex16(a)[14:16], '-8',
  hex16(b)[2:4], '-', hex16(b)[5:16])::UUID;
CREATE OR REPLACE TEMP MACRO provider_name(no) AS
  CASE no WHEN 0 THEN 'main' WHEN 1 THEN 'relay' ELSE concat('relay-', no) END;
-- Outages of ten minutes and of an hour, each provider at times of its own.
CREATE OR REPLACE TEMP MACRO is_out(provider_no, us) AS
  hash(getvariable('seed'), provider_no, us // 600000000, 'short') % 1000 < 6
  OR hash(getvariable('seed'), provider_no, us // 3600000000, 'long') % 1000 < 4;
-- After j pieces: hash of all so far (8 bytes), then characters (4, the lowest first), as base64.
CREATE OR REPLACE TEMP MACRO chars_after(j, first_chars, turn_chars) AS
  (first_chars + (j - 3) * (turn_chars // 2))::BIGINT;
CREATE OR REPLACE TEMP MACRO link(j, h, chars) AS to_base64(unhex(concat(hex16(hash(h, j)),
  printf('%02x%02x%02x%02x', chars & 255, (chars >> 8) & 255, (chars >> 16) & 255, chars >> 24))));

CREATE OR REPLACE TEMP TABLE sessions AS
WITH draws AS (
  SELECT no, hash(getvariable('seed'), getvariable('day_no'), no, 1) AS h,
    hash(getvariable('seed'), getvariable('day_no'), no, 2) AS i
  FROM range(getvariable('requests') // 4 + 1) AS every(no)
), sized AS (
  SELECT *, drawn(part(h, 0), [4, 4, 18, 46, 94, 233, 341, 800])::BIGINT AS size FROM draws
), placed AS (
  SELECT *, sum(size) OVER (ORDER BY no) - size AS before FROM sized
  QUALIFY before < getvariable('requests')
)
SELECT no, h, i, least(size, getvariable('requests') - before)::BIGINT AS size,
  picked(part(h, 1), ['claude', 'claude', 'claude', 'codex', 'claude', 'gemini', 'claude', 'codex',
    'claude', 'openai']) AS app,
  picked(part(h, 2), ['opus', 'opus', 'sonnet', 'haiku']) AS tier,
  floor(part(h, 3) ** 3 * getvariable('providers'))::INTEGER AS home,
  (4 * drawn(part(i, 0), [12e3, 13e3, 19e3, 24e3, 60e3, 100e3, 115e3, 120e3]))::BIGINT AS first_chars,
  least(4 * drawn(part(i, 1), [100, 189, 374, 713, 1703, 8210, 61530, 80000]),
    300e3 / size)::BIGINT AS turn_chars,
  (1000 * drawn(part(i, 2), [1e3, 21600, 32400, 39600, 54000, 72000, 82800, 86e3]))::BIGINT AS start_ms,
  floor(part(i, 3) * 12)::INTEGER AS member
FROM placed;

CREATE OR REPLACE TEMP TABLE chains AS
SELECT no, string_agg(link(j, h, chars_after(j, first_chars, turn_chars)), '' ORDER BY j) AS all_links
FROM (SELECT no, h, first_chars, turn_chars, unnest(range(1, 3 + 2 * size)) AS j FROM sessions)
GROUP BY no;

CREATE OR REPLACE TEMP TABLE turns AS
WITH each AS (
  SELECT * EXCLUDE (h, i), unnest(range(1, size + 1)) AS turn FROM sessions
), draws AS (
  SELECT *, hash(getvariable('seed'), getvariable('day_no'), no, turn, 3) AS h,
    hash(getvariable('seed'), getvariable('day_no'), no, turn, 4) AS i,
    hash(getvariable('seed'), getvariable('day_no'), no, turn, 5) AS j,
    hash(getvariable('seed'), getvariable('day_no'), no, turn, 6) AS k
  FROM each
), timed AS (
  SELECT *, (1e6 * drawn(part(h, 0), [3, 7, 11, 17, 37, 305, 2134, 5000]))::BIGINT AS gap_us,
    drawn(part(h, 1), [20, 89, 137, 216, 426, 1554, 3686, 16e3])::BIGINT AS output_tokens,
    (1e6 * drawn(part(h, 2), [0.4, 1.4, 2, 2.5, 3.7, 9.5, 16.8, 60]))::BIGINT AS content_us,
    drawn(part(h, 3), [20, 40, 49, 58, 70, 97, 147, 200]) AS tokens_per_s
  FROM draws
), spaced AS (
  SELECT *, sum(gap_us) OVER (PARTITION BY no ORDER BY turn)::BIGINT AS since_us,
    sum(gap_us) OVER (PARTITION BY no)::BIGINT AS whole_us
  FROM timed
), placed AS (
  SELECT *, epoch_us(getvariable('day')::TIMESTAMP) + ((least(1000 * start_ms, greatest(0, 86399000000 - whole_us))
      + since_us * least(1, 86399000000 / whole_us)))::BIGINT AS received_us
  FROM spaced
), failing AS (
  SELECT *, part(i, 0) < CASE WHEN is_out(home, received_us) THEN 0.92 ELSE 0.012 END AS fails_first,
    part(i, 1) < CASE WHEN is_out((home + 1) % getvariable('providers'), received_us)
      THEN 0.92 ELSE 0.03 END AS fails_next,
    CASE WHEN part(i, 2) < 0.0002 THEN 'crashed' WHEN part(i, 2) < 0.0008 THEN 'rejected'
      WHEN part(i, 2) < 0.006 THEN 'caller_fault' WHEN part(i, 2) < 0.016 THEN 'client_left'
      WHEN part(i, 2) < 0.018 THEN 'truncated' WHEN part(i, 2) < 0.019 THEN 'stalled'
      ELSE 'whole' END AS ends
  FROM placed
), tried AS (
  SELECT *, CASE WHEN ends IN ('crashed', 'rejected') THEN 0 WHEN NOT fails_first THEN 1
      WHEN NOT fails_next THEN 2 ELSE 3 END AS n_attempts,
    n_attempts = 3 AND part(i, 3) < 0.5 AS is_exhausted,
    CASE WHEN is_exhausted THEN 'exhausted' ELSE ends END AS outcome,
    outcome IN ('whole', 'client_left', 'truncated', 'stalled') AS has_content
  FROM failing
)
SELECT * EXCLUDE (h, i, k, output_tokens, fails_first, fails_next, ends, size, whole_us, since_us),
  as_uuid(received_us, j, k) AS request_id,
  lag(as_uuid(received_us, j, k)) OVER (PARTITION BY no ORDER BY turn) AS parent_request,
  (home + n_attempts - 1 + getvariable('providers')) % getvariable('providers') AS provider_no,
  picked(part(k, 0), [400000, 3000000, 150000, 10000000]) * (1 + part(k, 1)) AS wasted_us,
  (part(k, 2) * 900 + 300)::BIGINT AS overhead_in_us, (part(k, 3) * 200 + 60)::BIGINT AS overhead_out_us,
  k AS h, CASE app WHEN 'claude' THEN 'anthropic' WHEN 'codex' THEN 'responses'
    WHEN 'gemini' THEN 'gemini' ELSE 'chat' END AS client_wire,
  CASE app WHEN 'claude' THEN concat('claude-', tier, '-5-5') WHEN 'gemini' THEN 'gemini-3.5-pro'
    ELSE concat('gpt-6', CASE tier WHEN 'haiku' THEN '-mini' ELSE '' END) END AS model,
  2 + 2 * turn AS links, chars_after(links, first_chars, turn_chars) AS prompt_chars,
  CASE WHEN turn = 1 THEN 0 ELSE chars_after(links - 2, first_chars, turn_chars) END AS lcp_chars,
  CASE WHEN has_content THEN prompt_chars // 4 END AS prompt_tokens,
  CASE WHEN has_content THEN least(lcp_chars // 4, CASE WHEN gap_us < 300e6 AND n_attempts = 1
    THEN prompt_tokens ELSE 0 END) END AS cache_read_tokens,
  CASE WHEN has_content THEN greatest(0, least(prompt_tokens - cache_read_tokens, (h % 60)::BIGINT))
    END AS fresh_tokens,
  CASE WHEN has_content AND app = 'claude' THEN prompt_tokens - cache_read_tokens - fresh_tokens
    END AS cache_write_tokens,
  prompt_tokens - cache_read_tokens - coalesce(cache_write_tokens, 0) AS uncached_input_tokens,
  CASE WHEN has_content THEN output_tokens END AS output_tokens,
  CASE WHEN has_content AND app <> 'claude' THEN output_tokens * 2 // 5 END AS reasoning_tokens,
  content_us + (1e6 * output_tokens / tokens_per_s)::BIGINT AS answer_us
FROM tried
ORDER BY received_us, request_id;

CREATE OR REPLACE TEMP MACRO is_buffered(h) AS h % 97 = 0 AND h % 100 >= 3;

CREATE OR REPLACE TEMP MACRO failure(u) AS picked(u, [
  {'failure': 'rate_limited', 'rule': 'status_429', 'outcome': 'refused', 'status': 429,
   'type': 'rate_limit_error', 'message': 'Too many requests. Please wait.', 'retry_ms': 20000},
  {'failure': 'overloaded', 'rule': 'overloaded', 'outcome': 'refused', 'status': 529,
   'type': 'overloaded_error', 'message': 'Overloaded', 'retry_ms': NULL},
  {'failure': 'server_error', 'rule': 'status_5xx', 'outcome': 'refused', 'status': 502,
   'type': 'api_error', 'message': 'Bad gateway', 'retry_ms': NULL},
  {'failure': 'late', 'rule': 'timeout', 'outcome': 'late', 'status': NULL,
   'type': 'timeout', 'message': 'no content in time', 'retry_ms': NULL},
  {'failure': 'unreachable', 'rule': 'no_connection', 'outcome': 'unreachable', 'status': NULL,
   'type': 'connect_refused', 'message': 'Connection refused', 'retry_ms': NULL}]);

CREATE OR REPLACE TEMP TABLE tries AS
WITH each AS (
  SELECT *, unnest(range(1, n_attempts + 1)) AS attempt_no FROM turns
), judged AS (
  SELECT * REPLACE ((home + attempt_no - 1) % getvariable('providers') AS provider_no),
    attempt_no < n_attempts OR outcome = 'exhausted' AS has_failed, NOT has_failed AND has_content AS answered,
    failure(part(hash(h, attempt_no), 0)) AS seen
  FROM each
)
SELECT *, received_us + overhead_in_us + ((attempt_no - 1) * wasted_us)::BIGINT AS started_us,
  CASE WHEN provider_no % 3 = 2 THEN 'chat' ELSE client_wire END AS provider_wire,
  CASE WHEN answered THEN content_us END AS their_content_us
FROM judged
ORDER BY started_us, request_id;

CREATE OR REPLACE TEMP MACRO string_chosen(no, model) AS concat('{"id":"', provider_name(no),
  '/team/', model, '","provider":"', provider_name(no), '","credential":"team","model":"', model,
  '","backup":false,"score":null,"strip":false}');

CREATE OR REPLACE TEMP VIEW made_requests AS
SELECT request_id, make_timestamp(received_us) AS received_at,
  'synthetic' AS host, 1000 + member AS worker_pid, '0.1.0' AS proxy_version,
  '5eed' AS config_hash, app, client_wire,
  CASE WHEN h % 100 < 3 THEN 'count_tokens' ELSE 'generate' END AS endpoint, 'POST' AS method,
  CASE client_wire WHEN 'anthropic' THEN '/v1/messages' WHEN 'responses' THEN '/v1/responses'
    WHEN 'chat' THEN '/v1/chat/completions'
    ELSE concat('/v1beta/models/', model, ':streamGenerateContent') END AS path,
  CASE WHEN member > 0 THEN concat('member-', member) END AS client_key,
  CASE app WHEN 'claude' THEN 'claude-cli/2.1.0 (external, cli)' WHEN 'codex' THEN 'codex_cli_rs/0.90'
    ELSE concat(app, '/1.0') END AS user_agent,
  CASE app WHEN 'claude' THEN 'claude-cli' WHEN 'codex' THEN 'codex_cli_rs' ELSE app END AS client,
  CASE app WHEN 'claude' THEN '2.1.0' WHEN 'codex' THEN '0.90' ELSE '1.0' END AS client_version,
  as_uuid(hash(getvariable('seed'), getvariable('day_no'), no) >> 14, hash(no), hash(no, 'session'))::VARCHAR
    AS session_id,
  CASE app WHEN 'claude' THEN 'x-claude-code-session-id' WHEN 'codex' THEN 'session_id'
    ELSE 'implied' END AS session_source,
  CASE WHEN h % 9 = 0 THEN hex16(hash(no, h % 3)) END AS subagent_id,
  h % 100 >= 3 AS is_stream, CASE client_wire WHEN 'anthropic' THEN 32000 END AS max_tokens,
  model AS model_requested,
  CASE WHEN n_attempts > 0 AND outcome <> 'exhausted' THEN model END AS model_sent,
  CASE WHEN has_content THEN CASE WHEN h % 5000 = 0 THEN concat(model, '-lite') ELSE model END END
    AS model_answered,
  CASE WHEN n_attempts > 0 AND outcome <> 'exhausted' THEN provider_name(provider_no) END AS provider,
  CASE WHEN n_attempts > 0 AND outcome <> 'exhausted' THEN 'team' END AS credential,
  outcome,
  CASE outcome WHEN 'rejected' THEN 401 WHEN 'caller_fault' THEN 400 WHEN 'exhausted' THEN 529
    ELSE 200 END AS status,
  CASE outcome WHEN 'rejected' THEN 'this client key is not known'
    WHEN 'caller_fault' THEN 'prompt is too long' WHEN 'exhausted' THEN 'no provider was left' END
    AS error_message,
  CASE WHEN h % 3000 = 0 THEN 'activation' ELSE 'request' END AS kind, 'synth' AS replay_run,
  app AS queue, CASE WHEN tier = 'haiku' THEN 'small models' END AS route_rule, 'priority' AS policy,
  CASE WHEN is_buffered(h) THEN 'buffered' WHEN h % 100 >= 3 THEN 'streamed' END AS delivery, 1.0::DOUBLE AS propensity,
  concat('{"queue":"', app, '","policy":"priority","chosen":[', string_chosen(home, model), ',',
    string_chosen((home + 1) % getvariable('providers'), model), '],"skipped":[],"propensity":1.0,',
    '"pin":{"state":"', CASE WHEN turn = 1 THEN 'miss' ELSE 'hit' END,
    '","why":""},"pin_moves":false,"wait_s":0.0,"sentence":null,"soonest_us":null}') AS decision,
  CASE WHEN has_content THEN h % 5000 = 0 END AS downgraded,
  n_attempts, CASE WHEN has_content THEN n_attempts END AS served_attempt_no,
  CASE WHEN content_us > 15000000 THEN (content_us // 15000000)::INTEGER ELSE 0 END AS keepalives,
  CASE WHEN h % 100 < 3 AND has_content THEN 'o200k_base' END AS estimated_by,
  (overhead_in_us // 3)::BIGINT AS body_us,
  spent_us + 2000 + content_us // 2 AS first_byte_us,
  CASE WHEN has_content THEN spent_us + CASE WHEN is_buffered(h) AND outcome = 'whole'
    THEN answer_us ELSE content_us END END AS first_content_us,
  CASE WHEN has_content THEN spent_us + answer_us ELSE spent_us END AS last_byte_us,
  overhead_out_us + CASE WHEN has_content THEN spent_us + answer_us ELSE spent_us END AS total_us,
  overhead_in_us, CASE WHEN has_content THEN overhead_out_us END AS overhead_out_us,
  prompt_chars + (h % 4000)::BIGINT AS request_bytes,
  CASE WHEN has_content THEN output_tokens * 140 + 1500 ELSE 180 END AS answer_bytes,
  -- At most 64 links: the first 8 and the last 56.
  CASE WHEN links <= 64 THEN chains.all_links[:16 * links]
    ELSE chains.all_links[:128] || chains.all_links[16 * (links - 56) + 1:16 * links] END AS prefix_chain,
  prompt_chars, parent_request, lcp_chars,
  prompt_tokens, uncached_input_tokens, cache_read_tokens, cache_write_tokens,
  CASE WHEN tier <> 'opus' THEN cache_write_tokens ELSE cache_write_tokens - cache_write_tokens // 5 END
    AS cache_write_5m_tokens,
  CASE WHEN tier <> 'opus' THEN cache_write_tokens - cache_write_tokens ELSE cache_write_tokens // 5 END
    AS cache_write_1h_tokens,
  output_tokens, reasoning_tokens
FROM (
  SELECT *, overhead_in_us + (greatest(0, n_attempts - 1) * wasted_us)::BIGINT AS spent_us FROM turns
) AS turns LEFT JOIN chains USING (no)
WHERE outcome <> 'crashed'
UNION ALL BY NAME
SELECT request_id, make_timestamp(received_us) AS received_at, 'synthetic' AS host,
  1000 + member AS worker_pid, '0.1.0' AS proxy_version, '5eed' AS config_hash,
  '/v1/messages' AS path, 'crashed' AS outcome
FROM turns WHERE outcome = 'crashed';

CREATE OR REPLACE TEMP VIEW made_attempts AS
SELECT request_id, attempt_no, make_timestamp(started_us) AS started_at,
  provider_name(provider_no) AS provider, 'team' AS credential, provider_wire,
  concat('https://', provider_name(provider_no), '.example/v1/', provider_wire) AS url,
  model AS model_sent, CASE WHEN answered THEN model END AS model_answered,
  CASE attempt_no WHEN 1 THEN 'first' ELSE 'failover' END AS reason,
  CASE WHEN has_failed THEN seen.outcome WHEN answered THEN outcome ELSE 'refused' END AS outcome,
  answered AS committed, CASE WHEN answered AND is_buffered(h) AND outcome = 'whole' THEN 'whole' END AS held,
  CASE WHEN has_failed THEN seen.failure WHEN outcome = 'caller_fault' THEN 'context_length' END AS failure,
  CASE WHEN has_failed THEN seen.rule WHEN outcome = 'caller_fault' THEN 'context_length' END AS rule,
  CASE WHEN turn = 1 THEN 'miss' WHEN attempt_no = 1 THEN 'hit' ELSE 'moved' END AS pin,
  CASE WHEN attempt_no > 1 THEN 'the one before failed' ELSE '' END AS pin_why,
  CASE WHEN has_failed THEN seen.status WHEN answered THEN 200 ELSE 400 END AS status,
  CASE WHEN has_failed THEN seen.type WHEN NOT answered THEN 'invalid_request_error' END AS error_type,
  CASE WHEN has_failed THEN seen.message WHEN NOT answered THEN 'prompt is too long' END AS error_message,
  CASE WHEN has_failed THEN seen.retry_ms END AS retry_after_ms,
  CASE WHEN answered AND provider_wire <> 'gemini' THEN concat('req_0', hex16(hash(h, attempt_no)))
    END AS upstream_request_id,
  CASE WHEN answered AND outcome = 'whole' THEN CASE client_wire WHEN 'anthropic'
    THEN CASE WHEN h % 10 = 0 THEN 'end_turn' ELSE 'tool_use' END ELSE 'stop' END END AS stop_reason,
  CASE WHEN answered THEN CASE client_wire WHEN 'anthropic' THEN 'standard' ELSE 'default' END END
    AS service_tier,
  CASE WHEN answered THEN outcome = 'whole' END AS saw_terminal,
  CASE WHEN h % 300 = 0 AND attempt_no = n_attempts THEN 'drop_parameter' END AS mended,
  CASE WHEN answered OR seen.status IS NOT NULL THEN turn > 1 END AS connection_reused,
  CASE WHEN turn = 1 AND (answered OR seen.status IS NOT NULL) THEN 30000 + (h % 50000)::BIGINT END AS connect_us,
  CASE WHEN answered THEN content_us // 2 WHEN seen.status IS NOT NULL THEN 90000 END AS headers_us,
  CASE WHEN answered THEN content_us // 2 + 300 END AS first_byte_us, their_content_us AS first_content_us,
  CASE WHEN answered THEN answer_us END AS last_byte_us,
  CASE WHEN answered THEN answer_us + 50 ELSE wasted_us::BIGINT END AS total_us,
  prompt_chars + (h % 4000)::BIGINT AS sent_bytes,
  CASE WHEN answered THEN output_tokens * 140 + 1500 ELSE 180 END AS received_bytes,
  CASE WHEN answered THEN output_tokens // 3 + 6 ELSE 1 END AS chunks,
  CASE WHEN answered THEN content_us // 300 END AS gap_p50_us,
  CASE WHEN answered THEN content_us // 30 END AS gap_p95_us,
  CASE WHEN answered THEN content_us // 3 + (h % 10000)::BIGINT END AS max_gap_us,
  CASE WHEN answered THEN CASE outcome WHEN 'whole' THEN 'reported' ELSE 'partial' END END AS usage_source,
  CASE WHEN NOT answered THEN NULL WHEN client_wire = 'anthropic' THEN concat('{"input_tokens":',
    uncached_input_tokens, ',"cache_creation_input_tokens":', cache_write_tokens,
    ',"cache_read_input_tokens":', cache_read_tokens, ',"output_tokens":', output_tokens,
    ',"service_tier":"standard"}')
  ELSE concat('{"input_tokens":', prompt_tokens, ',"input_tokens_details":{"cached_tokens":',
    cache_read_tokens, '},"output_tokens":', output_tokens, ',"output_tokens_details":{"reasoning_tokens":',
    reasoning_tokens, '}}') END AS usage_raw,
  CASE WHEN answered AND provider_no = 1 THEN round(output_tokens * 15e-6, 6) END AS reported_cost,
  CASE WHEN answered AND provider_no = 1 THEN 'USD' END AS reported_currency,
  CASE WHEN answered THEN prompt_tokens END AS prompt_tokens,
  CASE WHEN answered THEN uncached_input_tokens END AS uncached_input_tokens,
  CASE WHEN answered THEN cache_read_tokens END AS cache_read_tokens,
  CASE WHEN answered THEN cache_write_tokens END AS cache_write_tokens,
  CASE WHEN answered THEN CASE WHEN tier <> 'opus' THEN cache_write_tokens
    ELSE cache_write_tokens - cache_write_tokens // 5 END END AS cache_write_5m_tokens,
  CASE WHEN answered THEN CASE WHEN tier <> 'opus' THEN cache_write_tokens - cache_write_tokens
    ELSE cache_write_tokens // 5 END END AS cache_write_1h_tokens,
  CASE WHEN answered THEN output_tokens END AS output_tokens,
  CASE WHEN answered THEN reasoning_tokens END AS reasoning_tokens
FROM tries;

CREATE OR REPLACE TEMP VIEW made_losses AS
SELECT request_id, attempt_no, concat('messages[', turn, '].content[0]') AS path,
  'a thinking block' AS what, concat(provider_wire, ' has no place for it') AS why
FROM tries WHERE provider_wire <> client_wire AND h % 4 = 0;

CREATE OR REPLACE TEMP VIEW made_events AS
WITH caused AS (
  SELECT *, CASE WHEN has_failed THEN 'cooldown_begun' WHEN turn = 1 THEN 'pin_made' ELSE 'pin_moved' END AS kind,
    least(started_us + CASE WHEN has_failed THEN wasted_us ELSE answer_us END,
      epoch_us(getvariable('day')::TIMESTAMP) + 86399999999)::BIGINT AS us
  FROM tries WHERE has_failed OR (answered AND (turn = 1 OR attempt_no > 1))
)
SELECT as_uuid(us, hash(h, attempt_no, kind), hash(h, kind)) AS event_id, make_timestamp(us) AS event_at,
  'synthetic' AS host, 1000 + member AS worker_pid, '5eed' AS config_hash, kind, request_id, attempt_no,
  app, provider_name(provider_no) AS provider, 'team' AS credential,
  model, -- of a pin its family, which is the same here
  CASE WHEN NOT has_failed THEN as_uuid(hash(getvariable('seed'), getvariable('day_no'), no) >> 14,
    hash(no), hash(no, 'session'))::VARCHAR END AS session_id,
  make_timestamp(us + 1000 * CASE WHEN has_failed THEN coalesce(seen.retry_ms, 30000) ELSE 300000 END) AS until_at,
  CASE WHEN has_failed THEN seen.failure END AS failure,
  CASE kind WHEN 'pin_moved' THEN concat(provider_name(home), '/team: the one before failed') END AS why,
  CASE kind WHEN 'cooldown_begun' THEN '{"failures":1}' WHEN 'pin_moved'
    THEN concat('{"provider":"', provider_name(home), '","credential":"team","is_home":false}') END AS detail
FROM caused
UNION ALL BY NAME
SELECT as_uuid(us, hash(getvariable('seed'), getvariable('day_no'), member), hash(member)) AS event_id,
  make_timestamp(us) AS event_at, 'synthetic' AS host, 1000 + member AS worker_pid, '5eed' AS config_hash,
  'proxy_started' AS kind, '{"proxy_version":"0.1.0"}' AS detail
FROM (SELECT member, epoch_us(getvariable('day')::TIMESTAMP) + 1000 * member AS us FROM range(12) AS every(member));
