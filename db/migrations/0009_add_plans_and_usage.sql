-- Plans and what is used of them. An organization has a plan, whose limits are in domain/quotas.ts, and what was agreed
-- beyond it. What is there already belongs to whoever installed it: `self_hosted`, which has no limits.
--
-- Use is counted in the transaction of what is counted, in rows whose locks make parallel starts wait for each other: a
-- limit of 5 is 5. Rows of `usage_counters` for a day or month begin with it; what a window of days holds is their sum.
-- Counters of organizations from before begin at 0 and are set right from the rows by the worker's next repair.
--
-- Locks: ACCESS EXCLUSIVE on organizations and runs for a change of the catalog alone; the defaults are constants, so no
-- row is rewritten. The foreign keys take SHARE ROW EXCLUSIVE for an instant. Every wait for a lock is bounded.
set local lock_timeout = '5s';

alter table organizations add column plan text not null default 'self_hosted'
  check (plan in ('free', 'pro', 'enterprise', 'self_hosted'));
-- {"runsPerDay": 20}: names of domain/quotas.ts; null stands for no limit.
alter table organizations add column quota_overrides jsonb not null default '{}';

create table usage_counters (
  org_id text not null references organizations,
  counter text not null check (counter in ('projects', 'concurrent_runs', 'runs_by_day', 'runs_by_month', 'events_by_day', 'event_bytes_by_day')),
  -- 2026-11-21, 2026-11, or nothing for what is counted as it stands.
  period text not null,
  used bigint not null check (used >= 0),
  primary key (org_id, counter, period)
) with (fillfactor = 50);

create table run_usage (
  org_id text not null,
  run_id text not null,
  events bigint not null default 0,
  -- Requests and answers in the ledger; measured now and then while the run lives, and at its end.
  bytes bigint not null default 0,
  created_at timestamptz not null default now(),
  primary key (org_id, run_id),
  foreign key (org_id, run_id) references runs
) with (fillfactor = 50);
create index run_usage_by_time on run_usage (org_id, created_at);

-- The QuotaCrossing that ended the run; set with stop_requested_at, once.
alter table runs add column quota_crossed jsonb;

do $$
declare
  t text;
begin
  foreach t in array array['usage_counters', 'run_usage']
  loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy by_organization on %I to ordeal_app using (org_id = current_org()) with check (org_id = current_org())', t);
    execute format('grant select, insert on %I to ordeal_app', t);
  end loop;
end $$;

grant update (used) on usage_counters to ordeal_app;
grant update (events, bytes) on run_usage to ordeal_app;
grant update (quota_crossed) on runs to ordeal_app;
grant update (plan, quota_overrides) on organizations to ordeal_app;

-- Live runs whose organization has limits: for the worker's watch on quotas, which costs an installation without limits
-- nothing but this look.
create function metered_live_runs(max_rows integer) returns table (org_id text, run_id text)
  language sql stable security definer set search_path = pg_catalog, public as $$
  select r.org_id, r.run_id from public.runs r join public.organizations o on o.org_id = r.org_id
  where r.status in ('queued', 'running', 'paused', 'awaiting_approval') and r.stop_requested_at is null
    and (o.plan <> 'self_hosted' or o.quota_overrides <> '{}')
  order by r.created_at limit max_rows
$$;
revoke all on function metered_live_runs(integer) from public;
grant execute on function metered_live_runs(integer) to ordeal_app;
