-- Cleanups: requests by which a run takes back what its steps have left behind, each with a ledger of its own.
--
-- A cleanup is armed in the transaction that opens the ledger row of the request that makes it necessary, so that nothing
-- is sent whose cleanup is not known; its row keeps what stood at that moment. When the lanes of the run are done,
-- `cleanup_begun_at` shuts the ledger of the probes for good, and what was really sent is put in its order. From then on it is
-- the second mark, `cleanup_stop_requested_at`, that shuts the ledger of the cleanups.
--
-- Locks: ACCESS EXCLUSIVE on runs and attempts for a change of the catalog alone (columns without defaults, a foreign key that is
-- validated afterwards). The partial index reads attempts once, with writes shut out meanwhile. The wait is bounded.
set local lock_timeout = '5s';

alter table runs
  add column cleanup_begun_at timestamptz,
  add column cleanup_deadline_at timestamptz,
  -- Why the run took no further step, as it stood when it began to clean up.
  add column cleanup_ending jsonb,
  add column cleanup_stop_requested_at timestamptz,
  add column cleanup_stop_requested_by text;
grant update (cleanup_begun_at, cleanup_deadline_at, cleanup_ending, cleanup_stop_requested_at, cleanup_stop_requested_by) on runs to ordeal_app;

create table cleanups (
  org_id text not null,
  cleanup_id text not null,
  run_id text not null,
  step_id text not null,
  variant_no integer not null,
  -- The session that its variables are of.
  session_no integer not null,
  request_method text not null,
  request_url text not null,
  request_headers jsonb not null,
  request_body text,
  -- SHA-256 over target and request: what is sent in the end has to have the same one.
  request_hash text not null,
  -- Whether it may be sent again when its end is unknown.
  is_repeatable boolean not null,
  -- armed: its step may have been sent, and the run goes on. pending: it waits for its turn. The rest is settled, for good.
  state text not null default 'armed' check (state in ('armed', 'pending', 'cleaned', 'failed', 'indeterminate', 'skipped', 'not_needed')),
  -- From 1, the last step first.
  order_no integer,
  epoch integer not null default 0,
  failure text,
  detail text,
  armed_at timestamptz not null default now(),
  settled_at timestamptz,
  primary key (org_id, cleanup_id),
  -- A step that says the same in every session is cleaned up once.
  unique (org_id, run_id, step_id, variant_no, request_hash),
  foreign key (org_id, run_id, step_id, variant_no) references probes,
  check ((state in ('armed', 'pending')) = (settled_at is null))
);
create unique index cleanups_by_order on cleanups (org_id, run_id, order_no) where order_no is not null;

create table cleanup_attempts (
  org_id text not null,
  cleanup_attempt_id text not null,
  cleanup_id text not null,
  run_id text not null,
  attempt_no integer not null,
  epoch integer not null,
  -- As in attempts.
  state text not null default 'open' check (state in ('open', 'answered', 'failed', 'indeterminate')),
  request_method text not null,
  request_url text not null,
  request_headers jsonb not null,
  request_body text,
  request_hash text not null,
  was_sent boolean,
  failure text,
  failure_detail text,
  retry_after_seconds integer,
  response_status integer,
  response_headers jsonb,
  response_body bytea,
  latency_ms integer,
  opened_at timestamptz not null default now(),
  closed_at timestamptz,
  primary key (org_id, cleanup_attempt_id),
  unique (org_id, cleanup_id, attempt_no),
  foreign key (org_id, cleanup_id) references cleanups,
  foreign key (org_id, run_id) references runs
);
create index cleanup_attempts_by_run on cleanup_attempts (org_id, run_id);

-- The request that made a cleanup necessary.
alter table attempts add column cleanup_id text;
alter table attempts add constraint attempts_cleanup foreign key (org_id, cleanup_id) references cleanups not valid;
alter table attempts validate constraint attempts_cleanup;
create index attempts_by_cleanup on attempts (org_id, cleanup_id) where cleanup_id is not null;

-- What became of a cleanup is never changed, whatever a late writer believes.
create function forbid_changed_cleanup() returns trigger language plpgsql as $$
begin
  raise exception 'cleanup % is % already', old.cleanup_id, old.state using errcode = 'check_violation';
end $$;
create trigger forbid_changed_cleanup before update of state on cleanups
  for each row when (old.settled_at is not null) execute function forbid_changed_cleanup();

-- The last gate: whichever code opens a request of a cleanup, it fails unless it is the cleanup's turn and the very request that stood
-- when its step was sent.
create function require_cleanup() returns trigger language plpgsql as $$
declare
  armed record;
begin
  select state, request_hash into armed from cleanups where org_id = new.org_id and cleanup_id = new.cleanup_id;
  if armed.state is distinct from 'pending' or armed.request_hash is distinct from new.request_hash then
    raise exception 'cleanup % is not this request, or not to be sent', new.cleanup_id using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger require_cleanup before insert on cleanup_attempts for each row execute function require_cleanup();

do $$
declare
  name text;
begin
  foreach name in array array['cleanups', 'cleanup_attempts'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy by_organization on %I to ordeal_app using (org_id = current_org()) with check (org_id = current_org())', name);
    execute format('grant select, insert on %I to ordeal_app', name);
  end loop;
end $$;
grant update (state, order_no, epoch, failure, detail, settled_at) on cleanups to ordeal_app;
grant update (state, was_sent, failure, failure_detail, retry_after_seconds, response_status, response_headers, response_body,
  latency_ms, closed_at) on cleanup_attempts to ordeal_app;

-- For the worker's watch: the requests of probes end with the first mark, those of cleanups with the second.
drop function watched_runs(text[]);
create function watched_runs(run_ids text[])
  returns table (run_id text, is_stopping boolean, is_cleanup_stopping boolean, is_paused boolean, concurrency integer,
    requests_per_minute double precision)
  language sql stable security definer set search_path = pg_catalog, public as $$
  select r.run_id,
    r.stop_requested_at is not null or r.cleanup_begun_at is not null or r.ended_at is not null,
    r.cleanup_stop_requested_at is not null or r.ended_at is not null,
    r.paused_at is not null,
    ((r.options || r.adjustments)->>'concurrency')::integer,
    ((r.options || r.adjustments)->>'maxRequestsPerMinute')::double precision
  from public.runs r where r.run_id = any (run_ids)
$$;
revoke all on function watched_runs(text[]) from public;
grant execute on function watched_runs(text[]) to ordeal_app;

-- For the reconciler: the stop is the one that the workflow has to hear of, which is another one once the run cleans up.
create or replace function live_runs(max_rows integer)
  returns table (org_id text, run_id text, status text, created_at timestamptz, stop_requested_at timestamptz)
  language sql stable security definer set search_path = pg_catalog, public as $$
  select r.org_id, r.run_id, r.status, r.created_at,
    case when r.cleanup_begun_at is null then r.stop_requested_at else r.cleanup_stop_requested_at end
  from public.runs r
  where r.status in ('queued', 'running', 'paused', 'awaiting_approval') and r.held_until is null
  order by r.created_at limit max_rows
$$;

-- A run that cleans up takes notice of no control any more, and no quota stops it.
create or replace function unseen_controls(max_rows integer) returns table (org_id text, run_id text, changed_at timestamptz)
  language sql stable security definer set search_path = pg_catalog, public as $$
  select r.org_id, r.run_id, r.control_changed_at from public.runs r
  where r.status in ('running', 'paused', 'awaiting_approval') and r.stop_requested_at is null and r.cleanup_begun_at is null
    and r.control_version > r.control_seen
  order by r.control_changed_at limit max_rows
$$;

create or replace function metered_live_runs(max_rows integer) returns table (org_id text, run_id text)
  language sql stable security definer set search_path = pg_catalog, public as $$
  select r.org_id, r.run_id from public.runs r join public.organizations o on o.org_id = r.org_id
  where r.status in ('queued', 'running', 'paused', 'awaiting_approval') and r.stop_requested_at is null and r.cleanup_begun_at is null
    and (o.plan <> 'self_hosted' or o.quota_overrides <> '{}')
  order by r.created_at limit max_rows
$$;
