-- Strategies: a run may send each of its steps in several ways, one variant each. A probe says which way it is sent, so
-- that a retry on another worker, the report and a comparison with a later run all name the same one; a run says which
-- were planned. Rows from before were sent as written, which is `plain`.
--
-- Locks: ACCESS EXCLUSIVE on both tables for a change of the catalog alone. The defaults are constants, so no row is
-- rewritten and the table is not read. The wait for the lock is bounded: behind a long transaction it would hold up
-- every later statement on these tables.
set local lock_timeout = '5s';

alter table probes add column strategy text not null default 'plain';
alter table runs add column strategies jsonb not null default '["plain"]';

-- ordeal_app may read and insert all columns of both tables since 0001. It may not update these two: a plan is fixed.
