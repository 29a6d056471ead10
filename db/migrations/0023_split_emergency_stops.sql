-- An emergency stop of an organization's own admin and one of the operator, who stops the whole installation, are two: each
-- stands until whoever gave it lifts it, and no tenant can lift what the operator stopped.
--
-- Confirmations of production are voided whenever anything changes of what a target is, and not only when the revision says so.
--
-- The columns that are dropped are of no version that was released.
--
-- Locks: ACCESS EXCLUSIVE on organizations and targets for a change of the catalog alone. The wait is bounded.
set local lock_timeout = '5s';

create table emergency_stops (
  org_id text not null references organizations,
  given_by text not null check (given_by in ('organization', 'operator')),
  halted_at timestamptz not null default now(),
  halted_by text not null,
  reason text not null,
  primary key (org_id, given_by)
);
insert into emergency_stops (org_id, given_by, halted_at, halted_by, reason)
  select org_id, case when halted_by like 'operator %' then 'operator' else 'organization' end, halted_at, coalesce(halted_by, ''),
    coalesce(halt_reason, '')
  from organizations where halted_at is not null;
alter table organizations drop column halted_at, drop column halted_by, drop column halt_reason;

alter table emergency_stops enable row level security;
alter table emergency_stops force row level security;
create policy by_organization on emergency_stops to ordeal_app using (org_id = current_org()) with check (org_id = current_org());
grant select, insert, delete on emergency_stops to ordeal_app;

-- Whoever confirms holds the project too, so that a change which is not committed yet voids what is confirmed beside it.
create or replace function void_confirmations() returns trigger language plpgsql as $$
begin
  perform from projects where org_id = new.org_id and project_id = new.project_id for no key update;
  update production_confirmations set voided_at = now(),
    void_reason = format('target %s was %s', new.target_id, case tg_op when 'INSERT' then 'added' else 'changed' end)
  where org_id = new.org_id and project_id = new.project_id and voided_at is null;
  return null;
end $$;
drop trigger void_confirmations_of_changed on targets;
create trigger void_confirmations_of_changed after update on targets for each row
  when (old.revision is distinct from new.revision or old.project_id is distinct from new.project_id
    or old.name is distinct from new.name or old.definition is distinct from new.definition
    or old.auth_kind is distinct from new.auth_kind or old.has_client_certificate is distinct from new.has_client_certificate)
  execute function void_confirmations();
