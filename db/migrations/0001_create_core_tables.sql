-- The ground that everything stands on. No lock matters: the tables are new.
--
-- Every table has org_id first in its key, forced row-level security, and one policy: rows of the organization that
-- `withOrg` names. After a transaction-local set_config the setting is '' and not NULL, hence the NULLIF.

create function current_org() returns text language sql stable as
  $$ select nullif(current_setting('ordeal.org_id', true), '') $$;

create table organizations (
  org_id text primary key,
  name text not null,
  created_at timestamptz not null default now()
);

create table api_keys (
  org_id text not null references organizations,
  key_id text not null,
  name text not null,
  secret_hash text not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  revoked_at timestamptz,
  primary key (org_id, key_id)
);

create table projects (
  org_id text not null references organizations,
  project_id text not null,
  name text not null,
  created_at timestamptz not null default now(),
  primary key (org_id, project_id)
);

create table targets (
  org_id text not null,
  target_id text not null,
  project_id text not null,
  name text not null,
  definition jsonb not null,
  -- TargetAuth, sealed with ORDEAL_SECRET_KEY (see runtime/secret-box.ts); never selected by a list.
  sealed_auth text,
  created_at timestamptz not null default now(),
  primary key (org_id, target_id),
  foreign key (org_id, project_id) references projects
);
create index targets_by_project on targets (org_id, project_id, target_id);

create table sidecar_tokens (
  org_id text not null,
  token_id text not null,
  target_id text not null,
  secret_hash text not null,
  sealed_signing_key text not null,
  created_at timestamptz not null default now(),
  revoked_at timestamptz,
  primary key (org_id, token_id),
  foreign key (org_id, target_id) references targets
);
create index sidecar_tokens_by_target on sidecar_tokens (org_id, target_id);

create table scripts (
  org_id text not null references organizations,
  script_id text not null,
  slug text not null,
  is_builtin boolean not null,
  latest_version integer not null,
  created_at timestamptz not null default now(),
  primary key (org_id, script_id),
  unique (org_id, slug)
);

create table script_versions (
  org_id text not null,
  script_id text not null,
  version integer not null check (version >= 1),
  content_hash text not null,
  definition jsonb not null,
  created_at timestamptz not null default now(),
  primary key (org_id, script_id, version),
  foreign key (org_id, script_id) references scripts
);

create table runs (
  org_id text not null,
  run_id text not null,
  project_id text not null,
  target_id text not null,
  status text not null default 'queued' check (status in
    ('queued', 'running', 'paused', 'awaiting_approval', 'completed', 'incomplete', 'stopped', 'stopped_quota', 'failed')),
  -- Why the run ended as it did, for a person.
  status_reason text,
  -- The target as it was when the run was planned; a later change of the target does not reach a run.
  target_name text not null,
  target_definition jsonb not null,
  -- What was planned, in order: [{slug, version, title, steps}].
  scripts jsonb not null,
  options jsonb not null,
  plan_hash text not null,
  requested_by text not null,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  deadline_at timestamptz,
  ended_at timestamptz,
  -- Set once. The ledger reads it under a row lock, so that nothing is sent after a stop is acknowledged.
  stop_requested_at timestamptz,
  stop_requested_by text,
  primary key (org_id, run_id),
  foreign key (org_id, project_id) references projects,
  foreign key (org_id, target_id) references targets
);
create index runs_by_project on runs (org_id, project_id, run_id);
create index runs_by_id on runs (run_id);
create index runs_by_target on runs (org_id, target_id);
create index runs_live on runs (created_at) where status in ('queued', 'running', 'paused', 'awaiting_approval');

-- Half of each page stays free, so that the updates of a step stay on its page and touch no index (HOT).
--
-- One row per planned step and variant. `sequence_no` numbers the script instances of the plan, `position` the steps in one.
create table probes (
  org_id text not null,
  run_id text not null,
  step_id text not null,
  variant_no integer not null check (variant_no >= 1),
  probe_id text not null,
  script_slug text not null,
  sequence_no integer not null,
  position integer not null,
  step jsonb not null,
  -- Raised by every attempt to work on the probe; a write that carries an older one is dropped.
  epoch integer not null default 0,
  outcome text check (outcome in ('vulnerable', 'resisted', 'blocked', 'inconclusive', 'not_run')),
  -- A ReasonCode of domain/judge.ts, and one sentence for a person.
  reason text,
  detail text,
  -- The failure of the last attempt, when it is what decided the outcome.
  failure text,
  detections jsonb not null default '[]',
  -- The Weakness that a vulnerable probe shows.
  weakness jsonb,
  judged_at timestamptz,
  primary key (org_id, run_id, step_id, variant_no),
  unique (org_id, probe_id),
  unique (org_id, run_id, sequence_no, position),
  foreign key (org_id, run_id) references runs,
  check ((outcome is null) = (judged_at is null))
) with (fillfactor = 50);

-- The ledger: one row per request to a target, committed before its first byte is sent.
create table attempts (
  org_id text not null,
  attempt_id text not null,
  run_id text not null,
  step_id text not null,
  variant_no integer not null,
  attempt_no integer not null,
  epoch integer not null,
  -- open: it may have been sent. answered: an HTTP response was received whole. failed: `failure` says why, and `was_sent`
  -- whether a byte may have left. indeterminate: whoever sent it died before its end was known.
  state text not null default 'open' check (state in ('open', 'answered', 'failed', 'indeterminate')),
  request_method text not null,
  request_url text not null,
  request_headers jsonb not null,
  request_body text,
  -- What was said to the agent, after templates were filled in.
  prompt text,
  was_sent boolean,
  failure text,
  failure_detail text,
  retry_after_seconds integer,
  response_status integer,
  response_headers jsonb,
  -- Lossless, beside the text that the mapping extracted (NUL and lone surrogates replaced by U+FFFD).
  response_body bytea,
  answer_text text,
  latency_ms integer,
  opened_at timestamptz not null default now(),
  closed_at timestamptz,
  primary key (org_id, attempt_id),
  unique (org_id, run_id, step_id, variant_no, attempt_no),
  foreign key (org_id, run_id, step_id, variant_no) references probes,
  check ((state = 'open') = (closed_at is null))
) with (fillfactor = 50);

-- The session that the steps of one script instance share with the target.
create table target_sessions (
  org_id text not null,
  run_id text not null,
  sequence_no integer not null,
  session_id text not null,
  primary key (org_id, run_id, sequence_no),
  foreign key (org_id, run_id) references runs
);

create table events (
  org_id text not null,
  token_id text not null,
  event_id text not null,
  target_id text not null,
  stream text not null,
  sequence bigint not null check (sequence >= 1),
  type text not null check (type in ('turn_started', 'tool_call', 'turn_ended')),
  probe_id text,
  tool jsonb,
  is_truncated boolean not null default false,
  occurred_at timestamptz not null,
  received_at timestamptz not null default now(),
  primary key (org_id, token_id, event_id),
  foreign key (org_id, token_id) references sidecar_tokens
);
create unique index events_by_stream on events (org_id, token_id, stream, sequence);
create index events_by_probe on events (org_id, probe_id) where probe_id is not null;

create table findings (
  org_id text not null,
  finding_id text not null,
  run_id text not null,
  -- What makes two findings of a run the same weakness: script, category and detector.
  weakness_key text not null,
  script_slug text not null,
  category text not null,
  detector text not null,
  severity text not null check (severity in ('critical', 'high', 'medium', 'low')),
  confidence double precision not null check (confidence between 0 and 1),
  title text not null,
  remediation text not null,
  probe_ids text[] not null,
  story jsonb not null,
  created_at timestamptz not null default now(),
  primary key (org_id, finding_id),
  unique (org_id, run_id, weakness_key),
  foreign key (org_id, run_id) references runs
);

create table finding_evidence (
  org_id text not null,
  finding_id text not null,
  evidence_no integer not null,
  probe_id text not null,
  detector text not null,
  detector_version integer not null,
  evidence jsonb not null,
  primary key (org_id, finding_id, evidence_no),
  foreign key (org_id, finding_id) references findings
);

-- What happened in a run, in order, for the live stream. `seq` has no gaps; `run_feed_heads` hands it out.
create table run_feed_heads (
  org_id text not null,
  run_id text not null,
  last_seq bigint not null default 0,
  primary key (org_id, run_id),
  foreign key (org_id, run_id) references runs
) with (fillfactor = 20);
create table run_feed (
  org_id text not null,
  run_id text not null,
  seq bigint not null,
  type text not null,
  data jsonb not null,
  at timestamptz not null default now(),
  primary key (org_id, run_id, seq),
  foreign key (org_id, run_id) references run_feed_heads
);

create table idempotency_keys (
  org_id text not null references organizations,
  principal text not null,
  route text not null,
  key text not null,
  fingerprint text not null,
  status integer not null,
  body jsonb not null,
  created_at timestamptz not null default now(),
  primary key (org_id, principal, route, key)
);
create index idempotency_keys_by_age on idempotency_keys (created_at);

create table audit_logs (
  org_id text not null references organizations,
  audit_id text not null,
  action text not null,
  actor text not null,
  object_type text not null,
  object_id text not null,
  request_id text,
  detail jsonb not null default '{}',
  at timestamptz not null default now(),
  primary key (org_id, audit_id)
);

do $$
declare
  t text;
begin
  foreach t in array array['organizations', 'api_keys', 'projects', 'targets', 'sidecar_tokens', 'scripts', 'script_versions',
    'runs', 'probes', 'attempts', 'target_sessions', 'events', 'findings', 'finding_evidence', 'run_feed_heads', 'run_feed',
    'idempotency_keys', 'audit_logs']
  loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy by_organization on %I to ordeal_app using (org_id = current_org()) with check (org_id = current_org())', t);
    execute format('grant select, insert on %I to ordeal_app', t);
  end loop;
end $$;

-- What may change, and nothing else. Audit rows, feed rows, events and evidence are only ever added.
grant update (revoked_at) on api_keys, sidecar_tokens to ordeal_app;
grant update (name) on organizations, projects to ordeal_app;
grant update (name, definition, sealed_auth) on targets to ordeal_app;
grant update (latest_version) on scripts to ordeal_app;
grant update (status, status_reason, started_at, deadline_at, ended_at, stop_requested_at, stop_requested_by) on runs to ordeal_app;
grant update (epoch, outcome, reason, detail, failure, detections, weakness, judged_at) on probes to ordeal_app;
grant update (state, was_sent, failure, failure_detail, retry_after_seconds, response_status, response_headers,
  response_body, answer_text, latency_ms, closed_at) on attempts to ordeal_app;
grant update (session_id) on target_sessions to ordeal_app;
grant update (last_seq) on run_feed_heads to ordeal_app;
grant delete on idempotency_keys to ordeal_app;

-- No terminal status is ever left, and no verdict ever changed, whatever a late writer believes.
create function forbid_illegal_run_transition() returns trigger language plpgsql as $$
begin
  if not (new.status = any (case old.status
    when 'queued' then array['running', 'completed', 'incomplete', 'stopped', 'stopped_quota', 'failed']
    when 'running' then array['paused', 'awaiting_approval', 'completed', 'incomplete', 'stopped', 'stopped_quota', 'failed']
    when 'paused' then array['running', 'completed', 'incomplete', 'stopped', 'stopped_quota', 'failed']
    when 'awaiting_approval' then array['running', 'paused', 'completed', 'incomplete', 'stopped', 'stopped_quota', 'failed']
    else array[]::text[] end)) then
    raise exception 'run % cannot go from % to %', new.run_id, old.status, new.status using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger forbid_illegal_run_transition before update of status on runs
  for each row when (old.status is distinct from new.status) execute function forbid_illegal_run_transition();

create function forbid_changed_verdict() returns trigger language plpgsql as $$
begin
  raise exception 'probe % already has the outcome %', old.probe_id, old.outcome using errcode = 'check_violation';
end $$;
create trigger forbid_changed_verdict before update of outcome on probes
  for each row when (old.outcome is not null) execute function forbid_changed_verdict();

-- The only look across organizations: references of live runs, for the reconciler and for the worker's watch on stops.
-- It runs as the owner, whom forced row-level security would stop without a policy of its own.
create policy owner_reads_live_runs on runs for select to ordeal_owner using (true);
create function live_runs(max_rows integer)
  returns table (org_id text, run_id text, status text, created_at timestamptz, stop_requested_at timestamptz)
  language sql stable security definer set search_path = pg_catalog, public as $$
  select r.org_id, r.run_id, r.status, r.created_at, r.stop_requested_at from public.runs r
  where r.status in ('queued', 'running', 'paused', 'awaiting_approval')
  order by r.created_at limit max_rows
$$;
create function stopping_runs(run_ids text[])
  returns table (run_id text)
  language sql stable security definer set search_path = pg_catalog, public as $$
  select r.run_id from public.runs r where r.run_id = any (run_ids)
    and (r.stop_requested_at is not null or r.status in ('completed', 'incomplete', 'stopped', 'stopped_quota', 'failed'))
$$;
create policy owner_lists_organizations on organizations for select to ordeal_owner using (true);
create function organization_ids() returns table (org_id text)
  language sql stable security definer set search_path = pg_catalog, public as $$
  select o.org_id from public.organizations o order by o.org_id
$$;
revoke all on function live_runs(integer), stopping_runs(text[]), organization_ids() from public;
grant execute on function live_runs(integer), stopping_runs(text[]), organization_ids() to ordeal_app;
