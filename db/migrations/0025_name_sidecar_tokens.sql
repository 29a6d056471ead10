-- What a sidecar token is called is shown where tokens are listed; audit rows name it by its id. Tokens from before have no name.
-- They are listed by target, the newest first.
--
-- Locks: ACCESS EXCLUSIVE on sidecar_tokens, for a column without default and for an index over a table of few rows. The wait is
-- bounded.
set local lock_timeout = '5s';

alter table sidecar_tokens add column name text;
drop index sidecar_tokens_by_target;
create index sidecar_tokens_by_target on sidecar_tokens (org_id, target_id, token_id);
