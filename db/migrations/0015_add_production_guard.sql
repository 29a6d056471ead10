-- What a project's targets serve, the three confirmations without which nothing is run in production, and the halt of a
-- whole organization in an emergency.
--
-- Confirmations are added and voided, never changed: who confirmed what, when and why, stays. A trigger voids them with any
-- change of a target of the project, so that no way of changing one can forget it.
--
-- Locks: ACCESS EXCLUSIVE on three tables for a change of the catalog alone; the defaults are constants. The wait is bounded.
set local lock_timeout = '5s';

alter table projects add column environment text not null default 'test' check (environment in ('test', 'staging', 'production'));
grant update (environment) on projects to ordeal_app;

alter table organizations
  add column halted_at timestamptz,
  add column halted_by text,
  add column halt_reason text;
grant update (halted_at, halted_by, halt_reason) on organizations to ordeal_app;

-- What the guard said when the run was started; null for runs from before.
alter table runs add column guard jsonb;

create table production_confirmations (
  org_id text not null,
  confirmation_id text not null,
  project_id text not null,
  statement text not null check (statement in ('no_customer_traffic', 'no_customer_secrets', 'unsafe_behaviour_accepted')),
  member_id text not null,
  member_name text not null,
  key_id text not null,
  reason text not null,
  confirmed_at timestamptz not null default now(),
  voided_at timestamptz,
  void_reason text,
  primary key (org_id, confirmation_id),
  foreign key (org_id, project_id) references projects,
  foreign key (org_id, member_id) references members
);
create unique index production_confirmations_standing on production_confirmations (org_id, project_id, statement) where voided_at is null;
create index production_confirmations_by_project on production_confirmations (org_id, project_id);
create index production_confirmations_by_member on production_confirmations (org_id, member_id);
alter table production_confirmations enable row level security;
alter table production_confirmations force row level security;
create policy by_organization on production_confirmations to ordeal_app using (org_id = current_org()) with check (org_id = current_org());
grant select, insert, update (voided_at, void_reason) on production_confirmations to ordeal_app;

create function void_confirmations() returns trigger language plpgsql as $$
begin
  update production_confirmations set voided_at = now(),
    void_reason = format('target %s was %s', new.target_id, case tg_op when 'INSERT' then 'added' else 'changed' end)
  where org_id = new.org_id and project_id = new.project_id and voided_at is null;
  return null;
end $$;
create trigger void_confirmations_of_new after insert on targets for each row execute function void_confirmations();
create trigger void_confirmations_of_changed after update of revision on targets
  for each row when (old.revision is distinct from new.revision) execute function void_confirmations();
