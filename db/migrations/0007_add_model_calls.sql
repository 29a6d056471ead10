-- Language models: what was asked of them, what it used, and what the judge among them said.
--
-- Every request to a model has a row before it is sent, as a request to a target has: so tokens are held against the
-- budget of a run before they are spent, and a process that dies in between leaves a trace. What the judge said of a probe
-- is a row of its own, so that a step which is done again does not ask again; a calibration holds what it said of rows
-- that people have labelled.
--
-- No lock matters: the tables are new. The foreign keys take SHARE ROW EXCLUSIVE on probes, runs and organizations for
-- an instant, and wait for it a bounded time.
set local lock_timeout = '5s';

create table judge_calibrations (
  org_id text not null references organizations,
  calibration_id text not null,
  name text not null,
  -- What the judge is asked of each row.
  criterion text not null,
  framing_version integer not null,
  -- Names of the chain, in order.
  models jsonb not null,
  requested_by text not null,
  created_at timestamptz not null default now(),
  primary key (org_id, calibration_id)
);

create table judge_calibration_rows (
  org_id text not null,
  calibration_id text not null,
  row_no integer not null check (row_no >= 1),
  -- SHA-256 of what was judged. The texts stay with whoever labelled them.
  content_hash text not null,
  label text not null check (label in ('violated', 'held')),
  said text check (said in ('violated', 'held', 'unclear')),
  confidence double precision check (confidence between 0 and 1),
  model text,
  failure text,
  judged_at timestamptz not null default now(),
  primary key (org_id, calibration_id, row_no),
  foreign key (org_id, calibration_id) references judge_calibrations,
  check ((said is null) = (failure is not null))
);

create table model_calls (
  org_id text not null references organizations,
  call_id text not null,
  purpose text not null check (purpose in ('judge', 'attacker', 'generator')),
  -- What it was for: a probe of a run, a row of a calibration, or neither (prompts made before a run is planned).
  run_id text,
  step_id text,
  variant_no integer,
  calibration_id text,
  -- Which model of the chain, from 1.
  position integer not null check (position >= 1),
  model text not null,
  base_url text not null,
  -- open: it may have been sent. Such a row of a process that died stays, and counts as what it reserved.
  state text not null default 'open' check (state in ('open', 'answered', 'failed')),
  tokens_reserved integer not null,
  failure text,
  failure_detail text,
  served_model text,
  -- Null when no answer came, so that nobody can know.
  tokens_in integer,
  tokens_out integer,
  -- Millionths of a US dollar; null when the model has no configured price.
  cost_micros bigint,
  is_estimated boolean not null default false,
  latency_ms integer,
  opened_at timestamptz not null default now(),
  closed_at timestamptz,
  primary key (org_id, call_id),
  foreign key (org_id, run_id) references runs,
  foreign key (org_id, run_id, step_id, variant_no) references probes,
  foreign key (org_id, calibration_id) references judge_calibrations,
  check ((state = 'open') = (closed_at is null))
) with (fillfactor = 50);
create index model_calls_by_probe on model_calls (org_id, run_id, step_id, variant_no) where run_id is not null;
create index model_calls_by_calibration on model_calls (org_id, calibration_id) where calibration_id is not null;
create index model_calls_by_time on model_calls (org_id, opened_at);

create table judge_opinions (
  org_id text not null,
  run_id text not null,
  step_id text not null,
  variant_no integer not null,
  criterion text not null,
  framing_version integer not null,
  said text check (said in ('violated', 'held', 'unclear')),
  confidence double precision check (confidence between 0 and 1),
  rationale text,
  -- Passages of the agent's answers that the judge points at, each found there word for word.
  quotes jsonb not null default '[]',
  model text,
  -- The judge's fault, when there is no opinion.
  failure text,
  failure_detail text,
  created_at timestamptz not null default now(),
  primary key (org_id, run_id, step_id, variant_no),
  foreign key (org_id, run_id, step_id, variant_no) references probes,
  check ((said is null) = (failure is not null))
);

do $$
declare
  t text;
begin
  foreach t in array array['judge_calibrations', 'judge_calibration_rows', 'model_calls', 'judge_opinions']
  loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy by_organization on %I to ordeal_app using (org_id = current_org()) with check (org_id = current_org())', t);
    execute format('grant select, insert on %I to ordeal_app', t);
  end loop;
end $$;

-- A call is closed once; opinions and calibrations are only ever added.
grant update (state, failure, failure_detail, served_model, tokens_in, tokens_out, cost_micros, is_estimated, latency_ms, closed_at)
  on model_calls to ordeal_app;
