-- Libraries: sets of prompts that people bring along, kept so that a set can be read again and again from its source. An
-- entry is known by the digest of its key (its own id in the source, or else its prompt) and keeps its number for good;
-- what the source does not have any more stays, marked as gone. Each reading of the source is a scan, numbered from 1.
--
-- Locks: ACCESS EXCLUSIVE on the new tables alone, which nobody else sees yet.
create table libraries (
  org_id text not null references organizations,
  library_id text not null,
  -- Also the stem of the slugs of its scripts, which is why it may not change.
  name text not null check (name ~ '^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$'),
  -- What the source was read as, such as `csv`.
  source_kind text not null,
  -- Of the steps that its entries become.
  detectors jsonb not null,
  evidence text not null check (evidence in ('answer', 'events')),
  last_entry_no integer not null default 0,
  last_scan_no integer not null default 0,
  created_at timestamptz not null default now(),
  primary key (org_id, library_id),
  unique (org_id, name)
);

create table library_scans (
  org_id text not null,
  library_id text not null,
  scan_no integer not null check (scan_no >= 1),
  source_name text not null,
  -- `cut_short`: the source broke off, so that what was not seen may still be there. `abandoned`: another one began.
  status text not null default 'open' check (status in ('open', 'complete', 'cut_short', 'abandoned')),
  requested_by text not null,
  started_at timestamptz not null default now(),
  ended_at timestamptz,
  -- Counted when it ends; entries tell only of the last scan that touched them.
  added integer not null default 0,
  changed integer not null default 0,
  unchanged integer not null default 0,
  gone integer not null default 0,
  refused integer not null default 0,
  primary key (org_id, library_id, scan_no),
  foreign key (org_id, library_id) references libraries
);

create table library_entries (
  org_id text not null,
  library_id text not null,
  entry_no integer not null check (entry_no >= 1),
  entry_key text not null,
  content_hash text not null,
  prompt text not null,
  title text,
  category text not null,
  severity text not null check (severity in ('critical', 'high', 'medium', 'low')),
  added_in integer not null,
  -- The last scan that found it changed, or back after it was gone.
  changed_in integer,
  seen_in integer not null,
  gone_in integer,
  primary key (org_id, library_id, entry_no),
  unique (org_id, library_id, entry_key),
  foreign key (org_id, library_id) references libraries
) with (fillfactor = 80);

do $$
declare t text;
begin
  foreach t in array array['libraries', 'library_scans', 'library_entries'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy by_organization on %I to ordeal_app using (org_id = current_org()) with check (org_id = current_org())', t);
    execute format('grant select, insert on %I to ordeal_app', t);
  end loop;
end $$;

grant update (last_entry_no, last_scan_no) on libraries to ordeal_app;
grant update (status, ended_at, added, changed, unchanged, gone, refused) on library_scans to ordeal_app;
grant update (content_hash, prompt, title, category, severity, changed_in, seen_in, gone_in) on library_entries to ordeal_app;

-- Without statistics the planner takes an organization and a library for two conditions that hardly a row meets, and reads a
-- whole library for each batch of keys. A new library can have a hundred thousand entries before autovacuum looks at it.
create function analyze_library_entries() returns void language plpgsql security definer set search_path = pg_catalog, public as $$
begin
  analyze public.library_entries;
end $$;
revoke all on function analyze_library_entries() from public;
grant execute on function analyze_library_entries() to ordeal_app;
