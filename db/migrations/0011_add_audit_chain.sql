-- A hash chain over the audit rows of each organization, so that a changed, a missing and a slipped-in row are found by
-- whoever holds a copy of a later hash. A row is chained at the commit of its transaction, by a deferred trigger:
--
-- - in the same transaction: there is no audit row without its link, and no moment between the two;
-- - at its end: the lock on the head of the chain is the last one taken and is held for the commit alone, so that changes
--   of one organization do not wait for each other's work, and no deadlock is possible through it;
-- - by the owner's function: the application can read the chain and cannot write it.
--
-- Rows are chained in the order of their commits, which is not quite that of `at`, the start of their transactions.
-- Rows from before are chained here, by time.
--
-- Locks: ACCESS EXCLUSIVE on audit_logs while its rows are hashed, about 50,000 a second. The wait for the lock is bounded.
set local lock_timeout = '5s';

create table audit_heads (
  org_id text primary key references organizations,
  seq bigint not null,
  hash text not null
) with (fillfactor = 50);

create table audit_chain (
  org_id text not null,
  seq bigint not null check (seq >= 1),
  audit_id text not null,
  hash text not null,
  primary key (org_id, seq),
  unique (org_id, audit_id),
  foreign key (org_id, audit_id) references audit_logs
);

-- A signature over the head of a chain as it was at a moment. What was signed stays signed: a chain that is later built anew
-- from a changed row on no longer fits it.
create table audit_anchors (
  org_id text not null,
  seq bigint not null,
  hash text not null,
  anchored_at text not null,
  public_key text not null,
  signature text not null,
  primary key (org_id, seq),
  foreign key (org_id, seq) references audit_chain
);

create index audit_logs_by_time on audit_logs (org_id, at, audit_id);
create index audit_logs_by_action on audit_logs (org_id, action, at, audit_id);
create index audit_logs_by_actor on audit_logs (org_id, actor, at, audit_id);
create index audit_logs_by_object on audit_logs (org_id, object_id, at, audit_id);

-- Each field as its length in bytes, a colon and the field; '-' stands for an absent one. No two different rows have the
-- same text, and another program can hash it without knowing how PostgreSQL writes JSON.
create function audit_hash(fields text[]) returns text language sql immutable as $$
  select encode(sha256(convert_to(string_agg(case when f.v is null then '-' else octet_length(convert_to(f.v, 'UTF8')) || ':' || f.v end, '' order by f.n), 'UTF8')), 'hex')
  from unnest(fields) with ordinality as f (v, n)
$$;

create function chain_audit() returns trigger language plpgsql security definer set search_path = pg_catalog, public as $$
declare
  head public.audit_heads;
  link text;
begin
  insert into public.audit_heads (org_id, seq, hash) values (new.org_id, 0, '') on conflict (org_id) do nothing;
  select * into strict head from public.audit_heads h where h.org_id = new.org_id for update;
  link := public.audit_hash(array['ordeal-audit/1', head.hash, (head.seq + 1)::text, new.org_id, new.audit_id,
    to_char(new.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), new.action, new.actor, new.object_type, new.object_id,
    new.request_id, new.detail::text]);
  insert into public.audit_chain (org_id, seq, audit_id, hash) values (new.org_id, head.seq + 1, new.audit_id, link);
  update public.audit_heads h set seq = head.seq + 1, hash = link where h.org_id = new.org_id;
  return null;
end $$;

create function forbid_changed_audit() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'insufficient_privilege';
end $$;

do $$
declare
  t text;
begin
  foreach t in array array['audit_heads', 'audit_chain', 'audit_anchors'] loop
    execute format('alter table %I enable row level security', t);
    execute format('create policy by_organization on %I to ordeal_app using (org_id = current_org()) with check (org_id = current_org())', t);
    execute format('grant select on %I to ordeal_app', t);
  end loop;
  foreach t in array array['audit_logs', 'audit_chain', 'audit_anchors'] loop
    execute format('create trigger forbid_change before update or delete on %I for each row execute function forbid_changed_audit()', t);
    execute format('create trigger forbid_truncate before truncate on %I for each statement execute function forbid_changed_audit()', t);
  end loop;
end $$;
grant insert on audit_anchors to ordeal_app;

-- The trigger's function runs as the owner, whom forced row-level security would stop without policies of its own.
create policy chain_of_organization on audit_heads to ordeal_owner using (org_id = current_org()) with check (org_id = current_org());
create policy chain_of_organization on audit_chain to ordeal_owner using (org_id = current_org()) with check (org_id = current_org());
create policy owner_reads_heads on audit_heads for select to ordeal_owner using (true);
create policy owner_reads_anchors on audit_anchors for select to ordeal_owner using (true);

-- For the worker that signs anchors: which organizations have rows that no anchor covers yet. References, never content.
create function unanchored_audit_heads(max_rows integer) returns table (org_id text)
  language sql stable security definer set search_path = pg_catalog, public as $$
  select h.org_id from public.audit_heads h
  where h.seq > coalesce((select max(a.seq) from public.audit_anchors a where a.org_id = h.org_id), 0)
  order by h.org_id limit max_rows
$$;
revoke all on function audit_hash(text[]), chain_audit(), unanchored_audit_heads(integer) from public;
grant execute on function unanchored_audit_heads(integer) to ordeal_app;

alter table audit_logs no force row level security;
do $$
declare
  row record;
  head text := '';
  place bigint := 0;
  org text := '';
begin
  for row in select * from audit_logs a order by a.org_id, a.at, a.audit_id loop
    if row.org_id <> org then
      org := row.org_id; head := ''; place := 0;
    end if;
    place := place + 1;
    head := audit_hash(array['ordeal-audit/1', head, place::text, row.org_id, row.audit_id,
      to_char(row.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), row.action, row.actor, row.object_type, row.object_id,
      row.request_id, row.detail::text]);
    insert into audit_chain (org_id, seq, audit_id, hash) values (org, place, row.audit_id, head);
    insert into audit_heads (org_id, seq, hash) values (org, place, head)
      on conflict (org_id) do update set seq = excluded.seq, hash = excluded.hash;
  end loop;
end $$;
alter table audit_logs force row level security;
alter table audit_heads force row level security;
alter table audit_chain force row level security;
alter table audit_anchors force row level security;

create constraint trigger chain_audit after insert on audit_logs deferrable initially deferred
  for each row execute function chain_audit();
