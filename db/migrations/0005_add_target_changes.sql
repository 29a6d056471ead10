-- Targets can be changed. A revision says which definition somebody saw, so that two people do not undo each other's
-- change, and what of the sealed credential may be shown (its kind) stands beside it, so that showing it opens nothing.
-- Answers of models may ask for tool calls, which are evidence of their own.
--
-- A sealed credential now says for which origin it was given. One that was stored before does not, and must be set again.
-- Sealed values are sealed again when the key is rotated: those of targets, and the signing keys of sidecars.
--
-- Locks: ACCESS EXCLUSIVE on the tables for a change of the catalog alone. The defaults are constants, so no row is
-- rewritten and no table is read. The wait for the lock is bounded: behind a long transaction it would hold up every
-- later statement on these tables.
set local lock_timeout = '5s';

alter table targets
  add column auth_kind text,
  add column has_client_certificate boolean not null default false,
  add column revision integer not null default 1 check (revision >= 1),
  add column updated_at timestamptz not null default now();
alter table attempts add column tool_calls jsonb;

grant update (auth_kind, has_client_certificate, revision, updated_at) on targets to ordeal_app;
grant update (tool_calls) on attempts to ordeal_app;
grant update (sealed_signing_key) on sidecar_tokens to ordeal_app;
