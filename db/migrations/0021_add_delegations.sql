-- Delegations: who may decide about approvals lends that right to another member for a while. Decisions keep in whose place
-- they were given, so that the two give one vote together.
--
-- Decisions are applied in the transaction of whoever gives them, whether or not Temporal answers. `seen_at` says since when
-- the workflow that waits knows of one, so that a message that was lost is found.
--
-- `runs.executed_by` is who let a held run start: the second of those who asked for it.
--
-- Locks: ACCESS EXCLUSIVE on runs, approvals and approval_decisions for a change of the catalog alone, columns without
-- defaults; the foreign keys take SHARE ROW EXCLUSIVE for an instant. Every wait for a lock is bounded.
set local lock_timeout = '5s';

create table delegations (
  org_id text not null,
  delegation_id text not null,
  -- Whose right it is.
  delegator_id text not null,
  delegate_id text not null,
  -- Null for every project of the organization.
  project_id text,
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  -- The key.
  created_by text not null,
  created_at timestamptz not null default now(),
  revoked_at timestamptz,
  revoked_by text,
  primary key (org_id, delegation_id),
  foreign key (org_id, delegator_id) references members,
  foreign key (org_id, delegate_id) references members,
  foreign key (org_id, project_id) references projects,
  check (delegator_id <> delegate_id),
  check (ends_at > starts_at and ends_at <= starts_at + interval '30 days'),
  check ((revoked_at is null) = (revoked_by is null))
);
create index delegations_by_delegate on delegations (org_id, delegate_id, delegation_id);
create index delegations_by_delegator on delegations (org_id, delegator_id, delegation_id);
create index delegations_by_project on delegations (org_id, project_id);
alter table delegations enable row level security;
alter table delegations force row level security;
create policy by_organization on delegations to ordeal_app using (org_id = current_org()) with check (org_id = current_org());
grant select, insert, update (revoked_at, revoked_by) on delegations to ordeal_app;

alter table runs add column executed_by text;
grant update (executed_by) on runs to ordeal_app;

-- In whose place it was decided.
alter table approvals add column decided_for text;
grant update (decided_for) on approvals to ordeal_app;

alter table approval_decisions
  -- In whose place, and by which delegation; null for who decides by a right of their own.
  add column for_member_id text,
  add column delegation_id text,
  add column seen_at timestamptz,
  add foreign key (org_id, for_member_id) references members,
  add foreign key (org_id, delegation_id) references delegations,
  add check ((for_member_id is null) = (delegation_id is null));
create index approval_decisions_by_delegator on approval_decisions (org_id, for_member_id) where for_member_id is not null;
create index approval_decisions_by_delegation on approval_decisions (org_id, delegation_id) where delegation_id is not null;
create index approval_decisions_unseen on approval_decisions (applied_at) where effect = 'counted' and seen_at is null;
-- One vote for each right to decide, whoever uses it.
create unique index approval_decisions_one_right on approval_decisions (org_id, approval_id, coalesce(for_member_id, member_id))
  where effect = 'counted';
grant update (for_member_id, delegation_id, seen_at) on approval_decisions to ordeal_app;

-- For the reconciler: decisions that ended an approval of a live run whose workflow has not heard of it, the oldest first.
create policy owner_reads_decisions on approval_decisions for select to ordeal_owner using (true);
create policy owner_reads_decided on approvals for select to ordeal_owner using (true);
create function unseen_decisions(max_rows integer) returns table (org_id text, run_id text, decision_id text, applied_at timestamptz)
  language sql stable security definer set search_path = pg_catalog, public as $$
  select d.org_id, a.run_id, d.decision_id, d.applied_at
  from public.approval_decisions d
  join public.approvals a on a.org_id = d.org_id and a.approval_id = d.approval_id
  join public.runs r on r.org_id = a.org_id and r.run_id = a.run_id
  where d.effect = 'counted' and d.seen_at is null and a.status in ('approved', 'rejected')
    and r.status in ('queued', 'running', 'paused', 'awaiting_approval') and r.stop_requested_at is null
  order by d.applied_at limit max_rows
$$;
revoke all on function unseen_decisions(integer) from public;
grant execute on function unseen_decisions(integer) to ordeal_app;
