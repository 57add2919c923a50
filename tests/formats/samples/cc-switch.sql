-- CC Switch SQLite 导出
-- user_version: 17
PRAGMA foreign_keys=OFF;
PRAGMA user_version=17;
BEGIN TRANSACTION;
CREATE TABLE providers (
    id TEXT NOT NULL, app_type TEXT NOT NULL, name TEXT NOT NULL, settings_config TEXT NOT NULL,
    website_url TEXT, category TEXT, created_at INTEGER, sort_index INTEGER, notes TEXT, icon TEXT,
    icon_color TEXT, meta TEXT NOT NULL DEFAULT '{}', is_current BOOLEAN NOT NULL DEFAULT 0,
    in_failover_queue BOOLEAN NOT NULL DEFAULT 0, PRIMARY KEY (id, app_type)
);
CREATE TABLE mcp_servers (id TEXT PRIMARY KEY, name TEXT NOT NULL);
INSERT INTO "providers" ("id", "app_type", "name", "settings_config", "category", "sort_index", "meta", "is_current", "in_failover_queue") VALUES
  ('a', 'claude', 'It''s second; really', '{"env": {"ANTHROPIC_BASE_URL": "https://b.example.com", "ANTHROPIC_AUTH_TOKEN": "sk-b", "ANTHROPIC_DEFAULT_HAIKU_MODEL": "small"}, "permissions": {"allow": []}}', 'custom', 2, '{"apiFormat": "openai_chat", "costMultiplier": "0.3", "limitDailyUsd": "20", "customUserAgent": "me/1", "isFullUrl": true}', 0, 1),
  ('b', 'claude', 'current', '{"env": {"ANTHROPIC_BASE_URL": "https://c.example.com/", "ANTHROPIC_API_KEY": "sk-c", "ANTHROPIC_MODEL": "only-one"}}', 'custom', 1, '{}', 1, 0);
INSERT INTO providers VALUES('o', 'claude', 'official', '{"env": {}}', NULL, 'official', NULL, 0, NULL, NULL, NULL, '{}', 0, 0);
INSERT INTO providers VALUES('x', 'codex', 'relay', '{"auth": {"OPENAI_API_KEY": "sk-x"}, "config": "model_provider = \"custom\"\nmodel = \"gpt-5.5\"\n[model_providers.custom]\nbase_url = \"https://x.example.com/v1\"\nwire_api = \"responses\"\n"}', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{}', 1, 0);
INSERT INTO providers VALUES('g', 'gemini', 'gee', '{"env": {"GEMINI_API_KEY": "sk-g", "GOOGLE_GEMINI_BASE_URL": "https://g.example.com"}}', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{}', 1, 0);
INSERT INTO providers VALUES('p', 'opencode', 'other', '{}', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{}', 1, 0);
INSERT INTO mcp_servers VALUES('m', 'a; tool');
COMMIT;
PRAGMA foreign_keys=ON;
