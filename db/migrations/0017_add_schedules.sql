-- Schedules: PostgreSQL says what they are, Temporal when they fire. `synced_revision` is the revision that Temporal was last told;
-- a sweep tells it again where the two differ, so that neither a crash between the two nor a lost Temporal store loses a schedule.
-- A firing is known by its scheduled time: fired twice, it starts one run.
--
-- No lock matters: the tables are new.

create table schedules (
  org_id text not null,
  schedule_id text not null,
  project_id text not null,
  name text not null,
  timing jsonb not null,
  -- The body of POST /api/projects/{projectId}/runs.
  run_request jsonb not null,
  is_paused boolean not null default false,
  -- The key and the member in whose name runs start.
  created_by text not null,
  revision integer not null default 1 check (revision >= 1),
  synced_revision integer not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  primary key (org_id, schedule_id),
  foreign key (org_id, project_id) references projects,
  foreign key (org_id, created_by) references api_keys
);
create index schedules_by_project on schedules (org_id, project_id, schedule_id);
create index schedules_by_key on schedules (org_id, created_by);
create index schedules_unsynced on schedules (schedule_id) where revision <> synced_revision;

create table schedule_firings (
  org_id text not null,
  schedule_id text not null,
  scheduled_for timestamptz not null,
  result text not null check (result in ('started', 'refused')),
  run_id text,
  failure text,
  detail text,
  fired_at timestamptz not null default now(),
  primary key (org_id, schedule_id, scheduled_for),
  foreign key (org_id, schedule_id) references schedules,
  foreign key (org_id, run_id) references runs,
  check ((result = 'started') = (run_id is not null))
);
create index schedule_firings_by_run on schedule_firings (org_id, run_id) where run_id is not null;

do $$
declare
  t text;
begin
  foreach t in array array['schedules', 'schedule_firings'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy by_organization on %I to ordeal_app using (org_id = current_org()) with check (org_id = current_org())', t);
    execute format('grant select, insert on %I to ordeal_app', t);
  end loop;
end $$;
grant update (name, timing, run_request, is_paused, created_by, revision, synced_revision, updated_at, deleted_at) on schedules to ordeal_app;

-- For the sweep that tells Temporal: references, never content.
create policy owner_reads_schedules on schedules for select to ordeal_owner using (true);
create function unsynced_schedules(max_rows integer) returns table (org_id text, schedule_id text)
  language sql stable security definer set search_path = pg_catalog, public as $$
  select s.org_id, s.schedule_id from public.schedules s where s.revision <> s.synced_revision order by s.schedule_id limit max_rows
$$;
create function standing_schedules(after_id text, max_rows integer) returns table (org_id text, schedule_id text)
  language sql stable security definer set search_path = pg_catalog, public as $$
  select s.org_id, s.schedule_id from public.schedules s where s.deleted_at is null and s.schedule_id > after_id
  order by s.schedule_id limit max_rows
$$;
revoke all on function unsynced_schedules(integer), standing_schedules(text, integer) from public;
grant execute on function unsynced_schedules(integer), standing_schedules(text, integer) to ordeal_app;
