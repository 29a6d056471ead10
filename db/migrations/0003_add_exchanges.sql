-- Exchanges: a probe may need several requests, each with its answer (the turns of a conversation). A ledger row says which one it is,
-- and in which conversation: when the end of a turn is unknown, the conversation is begun again in a fresh session, and the
-- rows of the one that was given up stay. Attempts are counted for each exchange. Rows from before are the one exchange
-- of their probe. `target_sessions.session_no` counts the sessions of a script instance in the same way; the session id is null
-- until the target has named one.
--
-- Locks: ACCESS EXCLUSIVE on both tables. The defaults are constants, so no row is rewritten; the new unique constraint and
-- the checks read `attempts` once. The wait for the lock is bounded: behind a long transaction it would hold up every later
-- statement on these tables.
set local lock_timeout = '5s';

alter table attempts
  add column conversation_no integer not null default 1 check (conversation_no >= 1),
  add column exchange_no integer not null default 1 check (exchange_no >= 1);
alter table attempts drop constraint attempts_org_id_run_id_step_id_variant_no_attempt_no_key;
alter table attempts add constraint attempts_by_exchange
  unique (org_id, run_id, step_id, variant_no, conversation_no, exchange_no, attempt_no);

alter table target_sessions
  add column session_no integer not null default 1 check (session_no >= 1),
  alter column session_id drop not null;
grant update (session_no) on target_sessions to ordeal_app;
