-- What the attacker model answered: one row for each question of an attack, numbered in the order in which the attack asks. Together with the
-- ledger they are all that an attack consists of, so that any worker finds its next move, and a question that has its
-- answer is not asked again. The requests behind a question, with tokens and money, are in `model_calls`.
--
-- No lock matters: the table is new. The foreign key takes SHARE ROW EXCLUSIVE on probes for an instant, and waits for it a bounded time.
set local lock_timeout = '5s';

create table attacker_calls (
  org_id text not null,
  run_id text not null,
  step_id text not null,
  variant_no integer not null,
  call_no integer not null check (call_no >= 1),
  purpose text not null check (purpose in ('word_turn', 'propose', 'check_topic', 'score')),
  -- An answer that can be used, as the model wrote it.
  answer_text text,
  model text,
  failure text,
  failure_detail text,
  created_at timestamptz not null default now(),
  primary key (org_id, run_id, step_id, variant_no, call_no),
  foreign key (org_id, run_id, step_id, variant_no) references probes,
  check ((answer_text is null) = (failure is not null))
);

alter table attacker_calls enable row level security;
alter table attacker_calls force row level security;
create policy by_organization on attacker_calls to ordeal_app using (org_id = current_org()) with check (org_id = current_org());
-- What was answered is never changed.
grant select, insert on attacker_calls to ordeal_app;
