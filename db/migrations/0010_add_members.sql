-- Members and roles: whoever acts is a person or a machine with a role, and may hold several keys. That one member is
-- behind two keys must be known where a second pair of eyes is asked for. Keys from before belong to one admin.
--
-- Locks: ACCESS EXCLUSIVE on api_keys, which has one row per key of an organization: the update and the two checks take
-- milliseconds. The wait for the lock is bounded. Row-level security is not forced while the old keys are given to their
-- member, because the owner, who runs this, has no policy of its own; the change is not seen before the commit.
set local lock_timeout = '5s';

create table members (
  org_id text not null references organizations,
  member_id text not null,
  name text not null,
  role text not null check (role in ('viewer', 'operator', 'approver', 'admin')),
  created_at timestamptz not null default now(),
  removed_at timestamptz,
  primary key (org_id, member_id)
);
alter table members enable row level security;
create policy by_organization on members to ordeal_app using (org_id = current_org()) with check (org_id = current_org());
grant select, insert, update (name, role, removed_at) on members to ordeal_app;

alter table api_keys add column member_id text;
alter table api_keys add column role text check (role in ('viewer', 'operator', 'approver', 'admin'));

alter table api_keys no force row level security;
insert into members (org_id, member_id, name, role)
  select org_id, 'mbr_' || substr(min(key_id), 5), 'First member', 'admin' from api_keys group by org_id;
update api_keys k set role = 'admin', member_id = m.member_id from members m where m.org_id = k.org_id;
alter table api_keys force row level security;
alter table members force row level security;

alter table api_keys alter column member_id set not null;
alter table api_keys alter column role set not null;
alter table api_keys add foreign key (org_id, member_id) references members;
create index api_keys_by_member on api_keys (org_id, member_id);
grant update (expires_at) on api_keys to ordeal_app;
