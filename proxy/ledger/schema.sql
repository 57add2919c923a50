-- Every column of the ledger: the only place where names, types and meaning are written down.
-- Times (`_at`) are UTC. `_us` are whole microseconds, `_ms` milliseconds. NULL is not known.
-- A row comes from the struct of the same name in proxy.record; there, `x_at` is `x_us`.

-- One row per request of a client. Durations count from received_at; tokens are sums over attempts.
-- Of a crashed request only what was known at its start is here: the rest is NULL.
CREATE TABLE requests (
  request_id UUID NOT NULL,              -- version 7: later ones sort later
  received_at TIMESTAMP NOT NULL,        -- when the request's head arrived
  host VARCHAR NOT NULL,                 -- machine the proxy ran on
  worker_pid INTEGER NOT NULL,           -- process that served it
  proxy_version VARCHAR NOT NULL,        -- of pointsman
  config_hash VARCHAR NOT NULL,          -- of the configuration in force
  app VARCHAR,                           -- claude, codex, gemini, openai: whose queue served it
  client_wire VARCHAR,                   -- wire format the client speaks
  endpoint VARCHAR,                      -- generate, count_tokens, models; none where no path matched
  method VARCHAR,                        -- of HTTP
  path VARCHAR NOT NULL,                 -- as asked for, without its query
  client_key VARCHAR,                    -- label of the key the client showed, never the key
  user_agent VARCHAR,                    -- as the client names itself
  client VARCHAR,                        -- program, from its user agent
  client_version VARCHAR,                -- of that program, likewise
  session_id VARCHAR,                    -- conversation it belongs to
  session_source VARCHAR,                -- header or field that named the session
  subagent_id VARCHAR,                   -- part of the session that asks; NULL: its main thread
  is_stream BOOLEAN,                     -- the client asked for a stream
  max_tokens BIGINT,                     -- of output, that the client allows
  model_requested VARCHAR,               -- by the client
  model_sent VARCHAR,                    -- of the attempt that was passed on
  model_answered VARCHAR,                -- as that answer names it
  provider VARCHAR,                      -- of the attempt that was passed on
  credential VARCHAR,                    -- label of its key, never the key
  outcome VARCHAR NOT NULL,              -- RequestOutcome; crashed: the proxy died, or lost its end
  status INTEGER,                        -- HTTP status the client got
  error_message VARCHAR,                 -- what the client was told, shortened
  kind VARCHAR,                          -- request, or our own: activation, probe
  replay_run VARCHAR,                    -- replay that made this up; NULL: it happened
  queue VARCHAR,                         -- that served it
  route_rule VARCHAR,                    -- of [[rules]], that chose the queue
  policy VARCHAR,                        -- by which its targets were ordered
  delivery VARCHAR,                      -- of a stream: streamed; buffered: held until it is whole
  propensity DOUBLE,                     -- probability of the first target before it was drawn
  decision VARCHAR,                      -- JSON: who was chosen and who not, and why
  downgraded BOOLEAN,                    -- the answer names a lesser model than was sent
  n_attempts INTEGER,                    -- rows in attempts
  served_attempt_no INTEGER,             -- attempt that was passed on
  keepalives INTEGER,                    -- sent while the client waited for content
  estimated_by VARCHAR,                  -- of a count that no provider made: the tokenizer
  body_us BIGINT,                        -- until the request's last byte was here
  first_byte_us BIGINT,                  -- until the first byte of the answer went to the client
  first_content_us BIGINT,               -- until the first content went to the client
  last_byte_us BIGINT,                   -- until the last byte went to the client
  total_us BIGINT,                       -- until everything about it was over
  overhead_in_us BIGINT,                 -- from the request's last byte to the first attempt
  overhead_out_us BIGINT,                -- from content, or a held answer's end, to the client
  request_bytes BIGINT,                  -- body as received
  answer_bytes BIGINT,                   -- body as sent
  prefix_chain VARCHAR,                  -- base64; 12 bytes after each piece: keyed hash, characters
  prompt_chars BIGINT,                   -- of JSON in tools, system and turns, without cache marks
  parent_request UUID,                   -- earlier one with most of this prompt; once converted
  lcp_chars BIGINT,                      -- ... characters that both begin with; 0: none had any
  prompt_tokens BIGINT,                  -- whole input
  uncached_input_tokens BIGINT,          -- input neither read from nor written to the cache
  cache_read_tokens BIGINT,              -- input read from the cache
  cache_write_tokens BIGINT,             -- input written to the cache, at any lifetime
  cache_write_5m_tokens BIGINT,          -- ... of it, kept five minutes
  cache_write_1h_tokens BIGINT,          -- ... of it, kept an hour
  output_tokens BIGINT,                  -- whole output
  reasoning_tokens BIGINT                -- ... of it, reasoning
);

-- One row per try at one target. Durations count from started_at.
CREATE TABLE attempts (
  request_id UUID NOT NULL,              -- of the request it served
  attempt_no INTEGER NOT NULL,           -- from 1, in the order they were made
  started_at TIMESTAMP NOT NULL,         -- when it began
  provider VARCHAR NOT NULL,             -- as configured
  credential VARCHAR NOT NULL,           -- label of the key, never the key
  provider_wire VARCHAR NOT NULL,        -- wire format the provider was spoken to in
  url VARCHAR NOT NULL,                  -- without its query
  model_sent VARCHAR,                    -- to the provider
  model_answered VARCHAR,                -- as the answer names it
  reason VARCHAR,                        -- first, failover, retry, mended, probe: proxy.record
  outcome VARCHAR NOT NULL,              -- AttemptOutcome
  committed BOOLEAN NOT NULL,            -- content of it went to the client
  held VARCHAR,                          -- until it was whole: whole, dropped, too_long; NULL: not
  failure VARCHAR,                       -- class that routing saw: proxy.routing.types.Failure
  rule VARCHAR,                          -- row of the table of failures that said so
  pin VARCHAR,                           -- of the session: hit, miss, moved, broken; none: no pin
  pin_why VARCHAR,                       -- why it is so
  status INTEGER,                        -- HTTP status of the provider
  error_type VARCHAR,                    -- the provider's word for it, or the transport's
  error_message VARCHAR,                 -- at most 500 characters, secrets struck out
  retry_after_ms BIGINT,                 -- wait the provider asked for
  upstream_request_id VARCHAR,           -- the provider's own id
  stop_reason VARCHAR,                   -- why the answer ended, in the provider's words
  service_tier VARCHAR,                  -- that the provider says it served
  saw_terminal BOOLEAN,                  -- of a stream: its protocol's last event came
  mended VARCHAR,                        -- rule that changed the request after a refusal
  connection_reused BOOLEAN,             -- it had been opened for an earlier attempt
  connect_us BIGINT,                     -- until a new one was there, with TLS
  headers_us BIGINT,                     -- until the answer's head was here
  first_byte_us BIGINT,                  -- until the first byte of its body was here
  first_content_us BIGINT,               -- until the first content was here
  last_byte_us BIGINT,                   -- until the last byte was here
  total_us BIGINT NOT NULL,              -- until the attempt was over
  sent_bytes BIGINT NOT NULL,            -- body as sent
  received_bytes BIGINT NOT NULL,        -- body as received
  chunks BIGINT NOT NULL,                -- pieces the body arrived in
  gap_p50_us BIGINT,                     -- wait between two chunks: half are longer; ± an eighth
  gap_p95_us BIGINT,                     -- ... of which a twentieth are longer; ± an eighth
  max_gap_us BIGINT,                     -- longest wait between two chunks
  usage_source VARCHAR,                  -- reported, or partial: ended before its final count
  usage_raw VARCHAR,                     -- usage as the provider's own JSON, the last one seen
  reported_cost DOUBLE,                  -- as the provider says in its usage, never computed
  reported_currency VARCHAR,             -- of that cost; NULL: the provider does not say
  prompt_tokens BIGINT,                  -- whole input
  uncached_input_tokens BIGINT,          -- input neither read from nor written to the cache
  cache_read_tokens BIGINT,              -- input read from the cache
  cache_write_tokens BIGINT,             -- input written to the cache, at any lifetime
  cache_write_5m_tokens BIGINT,          -- ... of it, kept five minutes
  cache_write_1h_tokens BIGINT,          -- ... of it, kept an hour
  output_tokens BIGINT,                  -- whole output
  reasoning_tokens BIGINT                -- ... of it, reasoning
);

-- One row per thing that a conversion between wire formats could not carry; no text of anybody.
CREATE TABLE losses (
  request_id UUID NOT NULL,              -- of the request
  attempt_no INTEGER NOT NULL,           -- of the attempt that was converted
  path VARCHAR NOT NULL,                 -- where it stood, like messages[3].content[0]
  what VARCHAR NOT NULL,                 -- what it is
  why VARCHAR NOT NULL                   -- why it is gone
);

-- One row per thing that happened and is no request: to a provider, a key, a session, the proxy.
-- What a request caused is written with it at its end, all else at once.
CREATE TABLE events (
  event_id UUID NOT NULL,                -- version 7: later ones sort later
  event_at TIMESTAMP NOT NULL,           -- when it happened
  host VARCHAR NOT NULL,                 -- machine the proxy ran on
  worker_pid INTEGER NOT NULL,           -- process that it happened in
  config_hash VARCHAR NOT NULL,          -- of the configuration in force from then on
  kind VARCHAR NOT NULL,                 -- proxy.happened.Kind
  request_id UUID,                       -- of the request that caused it; NULL: none did
  attempt_no INTEGER,                    -- of its attempt that did
  app VARCHAR,                           -- of a pin or a switch: whose queue
  provider VARCHAR,                      -- that it concerns
  credential VARCHAR,                    -- label of the key that it concerns; NULL: all of them
  model VARCHAR,                         -- as sent, that it concerns; NULL: all of them
  session_id VARCHAR,                    -- conversation that it concerns
  until_at TIMESTAMP,                    -- when that ends by itself, as known then
  failure VARCHAR,                       -- class of the failure behind it, as in attempts
  why VARCHAR,                           -- in words, shortened
  detail VARCHAR                         -- JSON, by kind: the structs of proxy.happened
);

-- One row per body that was stored, where [ledger] bodies says so: `ledger bodies` shows it.
-- What is on the wire twice is stored once: a request that goes on as it came has no
-- provider_request, an answer that does no client_answer.
CREATE TABLE bodies (
  request_id UUID NOT NULL,              -- of the request
  attempt_no INTEGER,                    -- of its attempt; NULL: of the client's end
  which VARCHAR NOT NULL,                -- client_request, provider_request, provider_answer, client_answer
  stored_at TIMESTAMP NOT NULL,          -- when
  hash VARCHAR NOT NULL,                 -- keyed, of what was stored: equal for equal ones
  bytes BIGINT NOT NULL,                 -- as it was, content encodings undone
  cut_bytes BIGINT NOT NULL,             -- at its end, that were not kept: [ledger] body_max_kib
  stored_bytes BIGINT NOT NULL           -- on disk; 0: the same was there already
);

-- What stays of days whose rows were removed, and the same of all others. Rows of one day and of
-- equal names add up: there may be several. Latencies are those of requests, and count where known.
CREATE TABLE rollups (
  day DATE NOT NULL,                     -- UTC, when the requests were received
  app VARCHAR,                           -- of requests
  provider VARCHAR,                      -- of attempts; of requests, the one that was passed on
  model VARCHAR,                         -- model_sent, likewise
  failure VARCHAR,                       -- class of failed attempts; NULL: others, and requests
  requests BIGINT NOT NULL,              -- how many were received
  whole BIGINT NOT NULL,                 -- of them, with the outcome whole
  attempts BIGINT NOT NULL,              -- how many were made
  first_content_requests BIGINT NOT NULL,  -- of which first_content_us is known
  first_content_sum_us BIGINT,           -- sum of those
  total_requests BIGINT NOT NULL,        -- of which total_us is known
  total_sum_us BIGINT,                   -- sum of those
  attempts_sum_us BIGINT,                -- sum of total_us of the attempts
  prompt_tokens BIGINT,                  -- of attempts, as all that follow: their sums
  uncached_input_tokens BIGINT,          -- input neither read from nor written to the cache
  cache_read_tokens BIGINT,              -- input read from the cache
  cache_write_tokens BIGINT,             -- input written to the cache, at any lifetime
  cache_write_5m_tokens BIGINT,          -- ... of it, kept five minutes
  cache_write_1h_tokens BIGINT,          -- ... of it, kept an hour
  output_tokens BIGINT,                  -- whole output
  reasoning_tokens BIGINT                -- ... of it, reasoning
);
