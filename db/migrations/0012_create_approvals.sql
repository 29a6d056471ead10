-- Approvals: what may not be sent before people have agreed to exactly that, the policies which say when, and who has
-- edited scripts and targets, because those do not decide about their own work.
--
-- A pending approval is decided once, by whoever changes its row first: people, the clock of this database, or a stop. A
-- decision is stored before it is applied, so that what is applied can be retried for ever and counts once.
--
-- The trigger on attempts is the last gate: whichever code opens a request of a gated exchange or run, it fails unless the
-- approval stands and the request has the very hash that was approved.
--
-- Locks: ACCESS EXCLUSIVE on runs and attempts for a change of the catalog alone; columns without defaults. The wait is bounded.
set local lock_timeout = '5s';

alter table runs add column awaiting_since timestamptz;
grant update (awaiting_since) on runs to ordeal_app;

-- SHA-256 over what is sent, without what differs from attempt to attempt; null for rows from before.
alter table attempts add column payload_hash text;

create table editors (
  org_id text not null,
  -- A script or a target.
  object_id text not null,
  member_id text not null,
  first_edited_at timestamptz not null default now(),
  primary key (org_id, object_id, member_id),
  foreign key (org_id, member_id) references members
);
create index editors_by_member on editors (org_id, member_id);

create table policies (
  org_id text not null references organizations,
  policy_id text not null,
  -- Null for the policy of the whole organization.
  project_id text,
  latest_version integer not null check (latest_version >= 1),
  created_at timestamptz not null default now(),
  primary key (org_id, policy_id),
  unique nulls not distinct (org_id, project_id),
  foreign key (org_id, project_id) references projects
);

create table policy_versions (
  org_id text not null,
  policy_id text not null,
  version integer not null check (version >= 1),
  document jsonb not null,
  created_by text not null,
  created_at timestamptz not null default now(),
  primary key (org_id, policy_id, version),
  foreign key (org_id, policy_id) references policies
);

create table approvals (
  org_id text not null,
  approval_id text not null,
  kind text not null check (kind in ('exchange', 'run')),
  project_id text not null,
  run_id text not null,
  -- The exchange that waits; null for a run as a whole.
  step_id text,
  variant_no integer,
  conversation_no integer,
  exchange_no integer,
  payload_hash text not null,
  -- What would be sent, for the person who decides.
  preview jsonb not null,
  risk_level text not null check (risk_level in ('low', 'medium', 'high', 'critical')),
  risk jsonb not null,
  -- The rule that asked for it, as it was then.
  policy jsonb not null,
  quorum integer not null check (quorum >= 1),
  -- Requester and editors, as they were then.
  excluded_members text[] not null,
  status text not null default 'pending' check (status in ('pending', 'approved', 'rejected', 'expired', 'voided', 'cancelled')),
  requested_at timestamptz not null default now(),
  expires_at timestamptz not null,
  decided_at timestamptz,
  -- A member, or what ended it: a principal that stopped the run, the clock, a change of what would be sent.
  decided_by text,
  reminded_at timestamptz,
  primary key (org_id, approval_id),
  foreign key (org_id, project_id) references projects,
  foreign key (org_id, run_id) references runs,
  foreign key (org_id, run_id, step_id, variant_no) references probes,
  check ((kind = 'run') = (step_id is null)),
  check ((status = 'pending') = (decided_at is null))
);
create unique index approvals_by_exchange on approvals (org_id, run_id, step_id, variant_no, conversation_no, exchange_no)
  nulls not distinct;
create index approvals_pending on approvals (org_id, approval_id) where status = 'pending';
create index approvals_by_project on approvals (org_id, project_id, approval_id);

create table decision_tokens (
  org_id text not null,
  token_id text not null,
  approval_id text not null,
  member_id text not null,
  -- The key that asked for the token.
  issued_by text not null,
  verdict text not null check (verdict in ('approve', 'reject')),
  comment text,
  expires_at timestamptz not null,
  issued_at timestamptz not null default now(),
  used_at timestamptz,
  primary key (org_id, token_id),
  foreign key (org_id, approval_id) references approvals,
  foreign key (org_id, member_id) references members
);
create index decision_tokens_by_approval on decision_tokens (org_id, approval_id);
create index decision_tokens_by_member on decision_tokens (org_id, member_id);

create table approval_decisions (
  org_id text not null,
  decision_id text not null,
  approval_id text not null,
  member_id text not null,
  actor text not null,
  -- `api`, or the id of the token that was given to the workflow.
  via text not null,
  verdict text not null check (verdict in ('approve', 'reject')),
  comment text,
  given_at timestamptz not null default now(),
  -- Null until it is applied. `counted`: it is one of those that decided, or that the quorum waits for.
  effect text check (effect in ('counted', 'late', 'excluded')),
  applied_at timestamptz,
  primary key (org_id, decision_id),
  foreign key (org_id, approval_id) references approvals,
  foreign key (org_id, member_id) references members
);
create index approval_decisions_by_approval on approval_decisions (org_id, approval_id, member_id);
create index approval_decisions_by_member on approval_decisions (org_id, member_id);
-- One vote a member, whichever of their keys or tokens it came by.
create unique index approval_decisions_counted on approval_decisions (org_id, approval_id, member_id) where effect = 'counted';

create function require_approval() returns trigger language plpgsql as $$
declare
  gate record;
begin
  for gate in
    select approval_id, kind, status, payload_hash from approvals
    where org_id = new.org_id and run_id = new.run_id
      and (step_id is null or (step_id = new.step_id and variant_no = new.variant_no
        and conversation_no = new.conversation_no and exchange_no = new.exchange_no))
  loop
    if gate.status <> 'approved' then
      raise exception 'approval % is %: the request may not be sent', gate.approval_id, gate.status using errcode = 'check_violation';
    end if;
    if gate.kind = 'exchange' and gate.payload_hash is distinct from new.payload_hash then
      raise exception 'approval % is not of this request', gate.approval_id using errcode = 'check_violation';
    end if;
  end loop;
  return new;
end $$;
create trigger require_approval before insert on attempts for each row execute function require_approval();

do $$
declare
  name text;
begin
  foreach name in array array['editors', 'policies', 'policy_versions', 'approvals', 'decision_tokens', 'approval_decisions'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy by_organization on %I to ordeal_app using (org_id = current_org()) with check (org_id = current_org())', name);
    execute format('grant select, insert on %I to ordeal_app', name);
  end loop;
end $$;
grant update (latest_version) on policies to ordeal_app;
grant update (status, decided_at, decided_by, reminded_at, excluded_members) on approvals to ordeal_app;
grant update (used_at) on decision_tokens to ordeal_app;
grant update (effect, applied_at) on approval_decisions to ordeal_app;
