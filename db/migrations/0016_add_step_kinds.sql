-- Kinds of steps beyond prompts. A step that waits for events remembers since when, so that the wait outlives every worker. A planted
-- document is kept with its variables filled in, for as long as its run lasts; how often it was fetched says whether the
-- agent can have read it.
--
-- Locks: ACCESS EXCLUSIVE on `probes` for a change of the catalog alone; the wait for it is bounded.
set local lock_timeout = '5s';

alter table probes add column waiting_since timestamptz;
grant update (waiting_since) on probes to ordeal_app;

create table planted_documents (
  org_id text not null,
  probe_id text not null,
  run_id text not null,
  name text not null,
  media_type text not null,
  content text not null,
  reads integer not null default 0,
  planted_at timestamptz not null default now(),
  first_read_at timestamptz,
  primary key (org_id, probe_id),
  foreign key (org_id, probe_id) references probes (org_id, probe_id),
  foreign key (org_id, run_id) references runs
);
create index planted_documents_by_run on planted_documents (org_id, run_id);

alter table planted_documents enable row level security;
alter table planted_documents force row level security;
create policy by_organization on planted_documents to ordeal_app using (org_id = current_org()) with check (org_id = current_org());
grant select, insert on planted_documents to ordeal_app;
grant update (reads, first_read_at) on planted_documents to ordeal_app;
