-- Webhooks, and reminders of approvals. A delivery is a row that is inserted in the transaction of what it tells of, so that none is
-- lost and none tells of what was rolled back. Its body is what is signed and sent, byte for byte, in every attempt.
--
-- A claim takes a delivery for as long as a lease: until then nobody else sends it. `claim_no` grows with every claim and is never set
-- back; whoever writes down a result has to name it, so that a process which lost its lease changes nothing.
--
-- `approvals.remind_at` is when people are reminded next; requests from before this migration are not reminded.
--
-- Locks: ACCESS EXCLUSIVE on approvals for a column without default, and its index reads the table once. The wait is bounded.
set local lock_timeout = '5s';

alter table approvals add column remind_at timestamptz;
grant update (remind_at) on approvals to ordeal_app;
create index approvals_to_remind on approvals (remind_at) where status = 'pending' and remind_at is not null;

create table webhooks (
  org_id text not null references organizations,
  webhook_id text not null,
  -- Null for all projects of the organization.
  project_id text,
  url text not null check (length(url) <= 2000),
  events text[] not null check (cardinality(events) >= 1),
  -- Sealed; null once it is removed.
  sealed_secret text,
  -- The secret before, which signs beside the new one until then.
  sealed_previous_secret text,
  previous_secret_until timestamptz,
  created_by text not null,
  created_at timestamptz not null default now(),
  disabled_at timestamptz,
  -- A key, or `receiver`: it answered that it is gone.
  disabled_by text,
  removed_at timestamptz,
  primary key (org_id, webhook_id),
  foreign key (org_id, project_id) references projects,
  check ((sealed_secret is null) = (removed_at is not null)),
  check ((sealed_previous_secret is null) = (previous_secret_until is null)),
  check ((disabled_at is null) = (disabled_by is null))
);
create index webhooks_by_project on webhooks (org_id, project_id);

create table webhook_deliveries (
  org_id text not null,
  -- The `webhook-id` of every attempt.
  delivery_id text not null,
  webhook_id text not null,
  event text not null,
  -- Null for a test.
  approval_id text,
  body text not null check (octet_length(body) <= 16384),
  status text not null default 'pending' check (status in ('pending', 'delivered', 'failed')),
  -- Begun since it was made, or asked for again.
  attempts integer not null default 0 check (attempts >= 0),
  claim_no integer not null default 0,
  -- While it is claimed: when the lease ends.
  next_attempt_at timestamptz not null default now(),
  leased_until timestamptz,
  last_attempt_at timestamptz,
  -- Of the last attempt: what was answered, or why nothing was.
  response_status integer,
  failure text,
  created_at timestamptz not null default now(),
  ended_at timestamptz,
  primary key (org_id, delivery_id),
  foreign key (org_id, webhook_id) references webhooks,
  foreign key (org_id, approval_id) references approvals,
  check ((status = 'pending') = (ended_at is null))
);
create index webhook_deliveries_by_webhook on webhook_deliveries (org_id, webhook_id, delivery_id);
create index webhook_deliveries_by_approval on webhook_deliveries (org_id, approval_id) where approval_id is not null;
create index webhook_deliveries_failed on webhook_deliveries (org_id, webhook_id, delivery_id) where status = 'failed';
create index webhook_deliveries_pending on webhook_deliveries (org_id, webhook_id, next_attempt_at) where status = 'pending';
create index webhook_deliveries_due on webhook_deliveries (next_attempt_at) where status = 'pending';
create index webhook_deliveries_ended on webhook_deliveries (org_id, ended_at) where status <> 'pending';

do $$
declare
  name text;
begin
  foreach name in array array['webhooks', 'webhook_deliveries'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy by_organization on %I to ordeal_app using (org_id = current_org()) with check (org_id = current_org())', name);
    execute format('grant select, insert, delete on %I to ordeal_app', name);
  end loop;
end $$;
grant update (url, events, sealed_secret, sealed_previous_secret, previous_secret_until, disabled_at, disabled_by, removed_at)
  on webhooks to ordeal_app;
grant update (status, attempts, next_attempt_at, leased_until, last_attempt_at, response_status, failure, ended_at)
  on webhook_deliveries to ordeal_app;

create policy owner_claims_webhooks on webhooks to ordeal_owner using (true) with check (true);
create policy owner_claims_deliveries on webhook_deliveries to ordeal_owner using (true) with check (true);
create policy owner_reads_approvals on approvals for select to ordeal_owner using (true);

-- Claims deliveries that are due, at most `per_webhook` under way for each webhook, and returns references. Webhooks are locked one by
-- one and those that others have locked are passed over, so that claims of many processes never count wrong nor wait for each other;
-- their order is chance, so that none of them starves while there is less room than work.
create function claim_webhook_deliveries(max_rows integer, per_webhook integer, lease_seconds integer)
  returns table (claimed_org_id text, claimed_delivery_id text, claimed_no integer)
  language plpgsql volatile security definer set search_path = pg_catalog, public as $$
declare
  hook record;
  room integer := max_rows;
  claimed integer;
begin
  for hook in
    select w.org_id, w.webhook_id from public.webhooks w
    where (w.org_id, w.webhook_id) in (
      select d.org_id, d.webhook_id from public.webhook_deliveries d where d.status = 'pending' and d.next_attempt_at <= clock_timestamp())
    order by random() for no key update skip locked
  loop
    exit when room <= 0;
    -- A statement of its own sees what was claimed up to the moment when the webhook was locked. The array is made once: a
    -- subquery might be run again for each row, and its limit with it.
    return query
      update public.webhook_deliveries d
      set claim_no = d.claim_no + 1, attempts = d.attempts + 1, last_attempt_at = clock_timestamp(),
        next_attempt_at = clock_timestamp() + make_interval(secs => lease_seconds),
        leased_until = clock_timestamp() + make_interval(secs => lease_seconds)
      where d.org_id = hook.org_id and d.delivery_id = any (array(
        select due.delivery_id from public.webhook_deliveries due
        where due.org_id = hook.org_id and due.webhook_id = hook.webhook_id and due.status = 'pending'
          and due.next_attempt_at <= clock_timestamp()
        order by due.next_attempt_at
        limit greatest(0, least(room, per_webhook - (
          select count(*)::integer from public.webhook_deliveries busy
          where busy.org_id = hook.org_id and busy.webhook_id = hook.webhook_id and busy.status = 'pending'
            and busy.leased_until > clock_timestamp())))
        for update skip locked))
      returning d.org_id, d.delivery_id, d.claim_no;
    get diagnostics claimed = row_count;
    room := room - claimed;
  end loop;
end $$;

-- For whoever reminds people of pending approvals: references, never content.
create function due_reminders(max_rows integer) returns table (org_id text, approval_id text)
  language sql stable security definer set search_path = pg_catalog, public as $$
  select a.org_id, a.approval_id from public.approvals a
  where a.status = 'pending' and a.remind_at <= clock_timestamp() and a.expires_at > clock_timestamp()
  order by a.remind_at limit max_rows
$$;
revoke all on function claim_webhook_deliveries(integer, integer, integer), due_reminders(integer) from public;
grant execute on function claim_webhook_deliveries(integer, integer, integer), due_reminders(integer) to ordeal_app;
