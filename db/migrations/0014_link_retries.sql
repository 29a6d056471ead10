-- Retries: a run that takes up what another one left undecided, and each of its probes the one that it takes up. A probe is
-- taken up at most once (the unique index), so that the retries of a probe are a chain, whose last one counts.
--
-- Locks: ACCESS EXCLUSIVE on `runs` and `probes` for the new columns, all null; the foreign keys read both tables once, and the
-- indexes too, which are partial and empty but for `probes_dead`. The wait for a lock is bounded.
set local lock_timeout = '5s';

alter table runs add column retry_of text, add foreign key (org_id, retry_of) references runs (org_id, run_id);
create index runs_by_retry_of on runs (org_id, retry_of) where retry_of is not null;

alter table probes add column retry_of text, add foreign key (org_id, retry_of) references probes (org_id, probe_id);
create unique index probes_by_retry_of on probes (org_id, retry_of) where retry_of is not null;

-- What the view of dead letters goes through, the newest first.
create index probes_dead on probes (org_id, probe_id) where outcome in ('inconclusive', 'not_run');
