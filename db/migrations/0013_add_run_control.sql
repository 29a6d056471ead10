-- Pause, resume and adjustment of a run that lives, and its priority.
--
-- `paused_at` shuts the ledger as a stop does, until it is null again. `control_version` counts what was changed and
-- `control_seen` what the workflow has taken notice of, so that a lost signal is found. Paces are rows of their own: taking
-- a turn must not wait for whoever holds the row of the run.
--
-- Locks: ACCESS EXCLUSIVE on runs for a change of the catalog alone; the defaults are constants, so no row is rewritten. The
-- foreign key takes SHARE ROW EXCLUSIVE for an instant. Every wait for a lock is bounded.
set local lock_timeout = '5s';

alter table runs
  add column priority text not null default 'normal' check (priority in ('urgent', 'normal', 'low')),
  -- What was changed of the options since: {"concurrency": 2, "maxRequestsPerMinute": 30}.
  add column adjustments jsonb not null default '{}',
  add column paused_at timestamptz,
  add column paused_by text,
  -- Of pauses that are over.
  add column paused_ms bigint not null default 0 check (paused_ms >= 0),
  add column resumed_at timestamptz,
  add column control_version integer not null default 0,
  add column control_seen integer not null default 0,
  add column control_changed_at timestamptz;
grant update (adjustments, paused_at, paused_by, paused_ms, resumed_at, control_version, control_seen, control_changed_at) on runs to ordeal_app;

-- When the next request of a run may start, where it has a rate.
create table run_paces (
  org_id text not null,
  run_id text not null,
  next_at timestamptz not null,
  primary key (org_id, run_id),
  foreign key (org_id, run_id) references runs
) with (fillfactor = 50);
alter table run_paces enable row level security;
alter table run_paces force row level security;
create policy by_organization on run_paces to ordeal_app using (org_id = current_org()) with check (org_id = current_org());
grant select, insert, update on run_paces to ordeal_app;

-- For the worker's watch on the runs that it has requests of.
create function watched_runs(run_ids text[])
  returns table (run_id text, is_stopping boolean, is_paused boolean, concurrency integer, requests_per_minute double precision)
  language sql stable security definer set search_path = pg_catalog, public as $$
  select r.run_id,
    r.stop_requested_at is not null or r.status in ('completed', 'incomplete', 'stopped', 'stopped_quota', 'failed'),
    r.paused_at is not null,
    ((r.options || r.adjustments)->>'concurrency')::integer,
    ((r.options || r.adjustments)->>'maxRequestsPerMinute')::double precision
  from public.runs r where r.run_id = any (run_ids)
$$;
revoke all on function watched_runs(text[]) from public;
grant execute on function watched_runs(text[]) to ordeal_app;
drop function stopping_runs(text[]);

-- For the reconciler: live runs whose workflow has not heard of a change of control, from the oldest change on.
create function unseen_controls(max_rows integer) returns table (org_id text, run_id text, changed_at timestamptz)
  language sql stable security definer set search_path = pg_catalog, public as $$
  select r.org_id, r.run_id, r.control_changed_at from public.runs r
  where r.status in ('running', 'paused', 'awaiting_approval') and r.stop_requested_at is null and r.control_version > r.control_seen
  order by r.control_changed_at limit max_rows
$$;
revoke all on function unseen_controls(integer) from public;
grant execute on function unseen_controls(integer) to ordeal_app;
