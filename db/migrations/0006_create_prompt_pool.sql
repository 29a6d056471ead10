-- Generation: a run may put the goal of a step in several styles, each time with prompts that were not used lately.
--
-- `prompt_pool` keeps what was generated. A planner takes the least recently used rows under row locks that it never
-- waits for (SKIP LOCKED) and moves `last_used_at` in its own transaction, so a run that is not planned moves nothing.
-- A probe says in which style its prompt is, which of the variants, and from what seed; a run says what it was planned
-- with. A project says which styles its runs use.
--
-- Locks: ACCESS EXCLUSIVE on projects, runs and probes for a change of the catalog alone. The defaults are constants, so
-- no row is rewritten and no table is read. The wait for the lock is bounded: behind a long transaction it would hold up
-- every later statement on these tables.
set local lock_timeout = '5s';

create table prompt_pool (
  org_id text not null references organizations,
  -- SHA-256 over script, step and the prompt as its author wrote it: another wording is another goal.
  goal_digest text not null,
  style text not null,
  -- SHA-256 of `prompt`; a pool holds no prompt twice.
  prompt_digest text not null,
  -- In the order in which they were made: what was never used is taken in this order.
  prompt_no integer not null check (prompt_no >= 1),
  script_slug text not null,
  step_id text not null,
  -- A template; its variables are filled in when it is sent.
  prompt text not null,
  -- `engine/1` or `model/NAME`.
  source text not null,
  seed text not null,
  created_at timestamptz not null default now(),
  last_used_at timestamptz,
  primary key (org_id, goal_digest, style, prompt_digest)
) with (fillfactor = 70);

alter table prompt_pool enable row level security;
alter table prompt_pool force row level security;
create policy by_organization on prompt_pool to ordeal_app using (org_id = current_org()) with check (org_id = current_org());
grant select, insert on prompt_pool to ordeal_app;
grant update (last_used_at) on prompt_pool to ordeal_app;

alter table projects add column styles text[] not null default '{plain}' check (cardinality(styles) >= 1);
grant update (styles) on projects to ordeal_app;

alter table probes add column style text not null default 'plain';
-- From 1 to the number of variants of the run's intensity, in each style and strategy.
alter table probes add column prompt_variant integer not null default 1 check (prompt_variant >= 1);
-- Who wrote the prompt: `script`, or a source of the pool.
alter table probes add column prompt_source text not null default 'script';
-- Decides the choices of generation and of the strategy.
alter table probes add column seed text not null default 'ordeal';

-- What the run was planned with; see GenerationSummary in domain/generation/variety.ts.
alter table runs add column generation jsonb not null default
  '{"intensity": "low", "styles": ["plain"], "seed": null, "prompts": {"script": 0, "engine": 0, "model": 0}, "modelFault": null}';

-- The hash of a plan is known once its probes are stored, in the same transaction. After that a plan is fixed.
grant update (plan_hash, generation) on runs to ordeal_app;
create function forbid_changed_plan() returns trigger language plpgsql as $$
begin
  raise exception 'the plan of run % is fixed', old.run_id using errcode = 'check_violation';
end $$;
create trigger forbid_changed_plan before update of plan_hash, generation on runs
  for each row when (old.plan_hash <> '') execute function forbid_changed_plan();
