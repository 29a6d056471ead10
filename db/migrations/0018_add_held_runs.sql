-- Held runs: planned, and not started until somebody executes them. `held_until` is when such a run ends by itself; null for a
-- run that is not held, or is no more. What is held is no live run to the reconciler: it is listed by itself once it is over.
-- The guard is taken anew when the run is executed.
--
-- Locks: ACCESS EXCLUSIVE on `runs` for a new column without default, and the index reads the table once. The wait is bounded.
set local lock_timeout = '5s';

alter table runs add column held_until timestamptz;
grant update (held_until, guard) on runs to ordeal_app;
create index runs_held on runs (held_until) where held_until is not null and status = 'queued';

create or replace function live_runs(max_rows integer)
  returns table (org_id text, run_id text, status text, created_at timestamptz, stop_requested_at timestamptz)
  language sql stable security definer set search_path = pg_catalog, public as $$
  select r.org_id, r.run_id, r.status, r.created_at, r.stop_requested_at from public.runs r
  where r.status in ('queued', 'running', 'paused', 'awaiting_approval') and r.held_until is null
  order by r.created_at limit max_rows
$$;

-- For the reconciler: held runs whose time is over, or that were stopped.
create function ended_holds(max_rows integer) returns table (org_id text, run_id text)
  language sql stable security definer set search_path = pg_catalog, public as $$
  select r.org_id, r.run_id from public.runs r
  where r.held_until is not null and r.status = 'queued' and (r.held_until <= now() or r.stop_requested_at is not null)
  order by r.held_until limit max_rows
$$;
revoke all on function ended_holds(integer) from public;
grant execute on function ended_holds(integer) to ordeal_app;
