-- The schema as the migrations of db/migrations leave it. Generated: change it by a new migration, then `npm run db:schema`.

set role ordeal_owner;
set check_function_bodies = off;

CREATE OR REPLACE FUNCTION public.analyze_library_entries()
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public'
AS $function$
begin
  analyze public.library_entries;
end $function$;

CREATE OR REPLACE FUNCTION public.audit_hash(fields text[])
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
AS $function$
  select encode(sha256(convert_to(string_agg(case when f.v is null then '-' else octet_length(convert_to(f.v, 'UTF8')) || ':' || f.v end, '' order by f.n), 'UTF8')), 'hex')
  from unnest(fields) with ordinality as f (v, n)
$function$;

CREATE OR REPLACE FUNCTION public.chain_audit()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public'
AS $function$
declare
  head public.audit_heads;
  link text;
begin
  insert into public.audit_heads (org_id, seq, hash) values (new.org_id, 0, '') on conflict (org_id) do nothing;
  select * into strict head from public.audit_heads h where h.org_id = new.org_id for update;
  link := public.audit_hash(array['ordeal-audit/1', head.hash, (head.seq + 1)::text, new.org_id, new.audit_id,
    to_char(new.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), new.action, new.actor, new.object_type, new.object_id,
    new.request_id, new.detail::text]);
  insert into public.audit_chain (org_id, seq, audit_id, hash) values (new.org_id, head.seq + 1, new.audit_id, link);
  update public.audit_heads h set seq = head.seq + 1, hash = link where h.org_id = new.org_id;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION public.claim_webhook_deliveries(max_rows integer, per_webhook integer, lease_seconds integer)
 RETURNS TABLE(claimed_org_id text, claimed_delivery_id text, claimed_no integer)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public'
AS $function$
declare
  hook record;
  room integer := max_rows;
  claimed integer;
begin
  for hook in
    select w.org_id, w.webhook_id from public.webhooks w
    where (w.org_id, w.webhook_id) in (
      select d.org_id, d.webhook_id from public.webhook_deliveries d where d.status = 'pending' and d.next_attempt_at <= clock_timestamp())
    order by random() for no key update skip locked
  loop
    exit when room <= 0;
    -- A statement of its own sees what was claimed up to the moment when the webhook was locked. The array is made once: a
    -- subquery might be run again for each row, and its limit with it.
    return query
      update public.webhook_deliveries d
      set claim_no = d.claim_no + 1, attempts = d.attempts + 1, last_attempt_at = clock_timestamp(),
        next_attempt_at = clock_timestamp() + make_interval(secs => lease_seconds),
        leased_until = clock_timestamp() + make_interval(secs => lease_seconds)
      where d.org_id = hook.org_id and d.delivery_id = any (array(
        select due.delivery_id from public.webhook_deliveries due
        where due.org_id = hook.org_id and due.webhook_id = hook.webhook_id and due.status = 'pending'
          and due.next_attempt_at <= clock_timestamp()
        order by due.next_attempt_at
        limit greatest(0, least(room, per_webhook - (
          select count(*)::integer from public.webhook_deliveries busy
          where busy.org_id = hook.org_id and busy.webhook_id = hook.webhook_id and busy.status = 'pending'
            and busy.leased_until > clock_timestamp())))
        for update skip locked))
      returning d.org_id, d.delivery_id, d.claim_no;
    get diagnostics claimed = row_count;
    room := room - claimed;
  end loop;
end $function$;

CREATE OR REPLACE FUNCTION public.current_org()
 RETURNS text
 LANGUAGE sql
 STABLE
AS $function$ select nullif(current_setting('ordeal.org_id', true), '') $function$;

CREATE OR REPLACE FUNCTION public.due_reminders(max_rows integer)
 RETURNS TABLE(org_id text, approval_id text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public'
AS $function$
  select a.org_id, a.approval_id from public.approvals a
  where a.status = 'pending' and a.remind_at <= clock_timestamp() and a.expires_at > clock_timestamp()
  order by a.remind_at limit max_rows
$function$;

CREATE OR REPLACE FUNCTION public.ended_holds(max_rows integer)
 RETURNS TABLE(org_id text, run_id text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public'
AS $function$
  select r.org_id, r.run_id from public.runs r
  where r.held_until is not null and r.status = 'queued' and (r.held_until <= now() or r.stop_requested_at is not null)
  order by r.held_until limit max_rows
$function$;

CREATE OR REPLACE FUNCTION public.forbid_changed_audit()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'insufficient_privilege';
end $function$;

CREATE OR REPLACE FUNCTION public.forbid_changed_cleanup()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception 'cleanup % is % already', old.cleanup_id, old.state using errcode = 'check_violation';
end $function$;

CREATE OR REPLACE FUNCTION public.forbid_changed_plan()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception 'the plan of run % is fixed', old.run_id using errcode = 'check_violation';
end $function$;

CREATE OR REPLACE FUNCTION public.forbid_changed_verdict()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception 'probe % already has the outcome %', old.probe_id, old.outcome using errcode = 'check_violation';
end $function$;

CREATE OR REPLACE FUNCTION public.forbid_illegal_run_transition()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION public.live_runs(max_rows integer)
 RETURNS TABLE(org_id text, run_id text, status text, created_at timestamp with time zone, stop_requested_at timestamp with time zone)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public'
AS $function$
  select r.org_id, r.run_id, r.status, r.created_at,
    case when r.cleanup_begun_at is null then r.stop_requested_at else r.cleanup_stop_requested_at end
  from public.runs r
  where r.status in ('queued', 'running', 'paused', 'awaiting_approval') and r.held_until is null
  order by r.created_at limit max_rows
$function$;

CREATE OR REPLACE FUNCTION public.metered_live_runs(max_rows integer)
 RETURNS TABLE(org_id text, run_id text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public'
AS $function$
  select r.org_id, r.run_id from public.runs r join public.organizations o on o.org_id = r.org_id
  where r.status in ('queued', 'running', 'paused', 'awaiting_approval') and r.stop_requested_at is null and r.cleanup_begun_at is null
    and (o.plan <> 'self_hosted' or o.quota_overrides <> '{}')
  order by r.created_at limit max_rows
$function$;

CREATE OR REPLACE FUNCTION public.organization_ids()
 RETURNS TABLE(org_id text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public'
AS $function$
  select o.org_id from public.organizations o order by o.org_id
$function$;

CREATE OR REPLACE FUNCTION public.require_approval()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION public.require_cleanup()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
declare
  armed record;
begin
  select state, request_hash into armed from cleanups where org_id = new.org_id and cleanup_id = new.cleanup_id;
  if armed.state is distinct from 'pending' or armed.request_hash is distinct from new.request_hash then
    raise exception 'cleanup % is not this request, or not to be sent', new.cleanup_id using errcode = 'check_violation';
  end if;
  return new;
end $function$;

CREATE OR REPLACE FUNCTION public.standing_schedules(after_id text, max_rows integer)
 RETURNS TABLE(org_id text, schedule_id text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public'
AS $function$
  select s.org_id, s.schedule_id from public.schedules s where s.deleted_at is null and s.schedule_id > after_id
  order by s.schedule_id limit max_rows
$function$;

CREATE OR REPLACE FUNCTION public.unanchored_audit_heads(max_rows integer)
 RETURNS TABLE(org_id text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public'
AS $function$
  select h.org_id from public.audit_heads h
  where h.seq > coalesce((select max(a.seq) from public.audit_anchors a where a.org_id = h.org_id), 0)
  order by h.org_id limit max_rows
$function$;

CREATE OR REPLACE FUNCTION public.unseen_controls(max_rows integer)
 RETURNS TABLE(org_id text, run_id text, changed_at timestamp with time zone)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public'
AS $function$
  select r.org_id, r.run_id, r.control_changed_at from public.runs r
  where r.status in ('running', 'paused', 'awaiting_approval') and r.stop_requested_at is null and r.cleanup_begun_at is null
    and r.control_version > r.control_seen
  order by r.control_changed_at limit max_rows
$function$;

CREATE OR REPLACE FUNCTION public.unseen_decisions(max_rows integer)
 RETURNS TABLE(org_id text, run_id text, decision_id text, applied_at timestamp with time zone)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public'
AS $function$
  select d.org_id, a.run_id, d.decision_id, d.applied_at
  from public.approval_decisions d
  join public.approvals a on a.org_id = d.org_id and a.approval_id = d.approval_id
  join public.runs r on r.org_id = a.org_id and r.run_id = a.run_id
  where d.effect = 'counted' and d.seen_at is null and a.status in ('approved', 'rejected')
    and r.status in ('queued', 'running', 'paused', 'awaiting_approval') and r.stop_requested_at is null
  order by d.applied_at limit max_rows
$function$;

CREATE OR REPLACE FUNCTION public.unsynced_schedules(max_rows integer)
 RETURNS TABLE(org_id text, schedule_id text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public'
AS $function$
  select s.org_id, s.schedule_id from public.schedules s where s.revision <> s.synced_revision order by s.schedule_id limit max_rows
$function$;

CREATE OR REPLACE FUNCTION public.void_confirmations()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  perform from projects where org_id = new.org_id and project_id = new.project_id for no key update;
  update production_confirmations set voided_at = now(),
    void_reason = format('target %s was %s', new.target_id, case tg_op when 'INSERT' then 'added' else 'changed' end)
  where org_id = new.org_id and project_id = new.project_id and voided_at is null;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION public.watched_runs(run_ids text[])
 RETURNS TABLE(run_id text, is_stopping boolean, is_cleanup_stopping boolean, is_paused boolean, concurrency integer, requests_per_minute double precision)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public'
AS $function$
  select r.run_id,
    r.stop_requested_at is not null or r.cleanup_begun_at is not null or r.ended_at is not null,
    r.cleanup_stop_requested_at is not null or r.ended_at is not null,
    r.paused_at is not null,
    ((r.options || r.adjustments)->>'concurrency')::integer,
    ((r.options || r.adjustments)->>'maxRequestsPerMinute')::double precision
  from public.runs r where r.run_id = any (run_ids)
$function$;

revoke all on function analyze_library_entries() from public;
grant execute on function analyze_library_entries() to ordeal_app;
revoke all on function audit_hash(text[]) from public;
revoke all on function chain_audit() from public;
revoke all on function claim_webhook_deliveries(integer,integer,integer) from public;
grant execute on function claim_webhook_deliveries(integer,integer,integer) to ordeal_app;
revoke all on function due_reminders(integer) from public;
grant execute on function due_reminders(integer) to ordeal_app;
revoke all on function ended_holds(integer) from public;
grant execute on function ended_holds(integer) to ordeal_app;
revoke all on function live_runs(integer) from public;
grant execute on function live_runs(integer) to ordeal_app;
revoke all on function metered_live_runs(integer) from public;
grant execute on function metered_live_runs(integer) to ordeal_app;
revoke all on function organization_ids() from public;
grant execute on function organization_ids() to ordeal_app;
revoke all on function standing_schedules(text,integer) from public;
grant execute on function standing_schedules(text,integer) to ordeal_app;
revoke all on function unanchored_audit_heads(integer) from public;
grant execute on function unanchored_audit_heads(integer) to ordeal_app;
revoke all on function unseen_controls(integer) from public;
grant execute on function unseen_controls(integer) to ordeal_app;
revoke all on function unseen_decisions(integer) from public;
grant execute on function unseen_decisions(integer) to ordeal_app;
revoke all on function unsynced_schedules(integer) from public;
grant execute on function unsynced_schedules(integer) to ordeal_app;
revoke all on function watched_runs(text[]) from public;
grant execute on function watched_runs(text[]) to ordeal_app;

create table organizations (
  org_id text not null,
  name text not null,
  created_at timestamp with time zone default now() not null,
  plan text default 'self_hosted'::text not null,
  quota_overrides jsonb default '{}'::jsonb not null,
  constraint organizations_pkey PRIMARY KEY (org_id),
  constraint organizations_plan_check CHECK ((plan = ANY (ARRAY['free'::text, 'pro'::text, 'enterprise'::text, 'self_hosted'::text])))
);
alter table organizations enable row level security;
alter table organizations force row level security;
create policy by_organization on organizations to ordeal_app using ((org_id = current_org())) with check ((org_id = current_org()));
create policy owner_lists_organizations on organizations for select to ordeal_owner using (true);
grant insert, select on organizations to ordeal_app;
grant update (name, plan, quota_overrides) on organizations to ordeal_app;

create table audit_heads (
  org_id text not null,
  seq bigint not null,
  hash text not null,
  constraint audit_heads_pkey PRIMARY KEY (org_id),
  constraint audit_heads_org_id_fkey FOREIGN KEY (org_id) REFERENCES organizations(org_id)
) with (fillfactor=50);
alter table audit_heads enable row level security;
alter table audit_heads force row level security;
create policy by_organization on audit_heads to ordeal_app using ((org_id = current_org())) with check ((org_id = current_org()));
create policy chain_of_organization on audit_heads to ordeal_owner using ((org_id = current_org())) with check ((org_id = current_org()));
create policy owner_reads_heads on audit_heads for select to ordeal_owner using (true);
grant select on audit_heads to ordeal_app;

create table audit_logs (
  org_id text not null,
  audit_id text not null,
  action text not null,
  actor text not null,
  object_type text not null,
  object_id text not null,
  request_id text,
  detail jsonb default '{}'::jsonb not null,
  at timestamp with time zone default now() not null,
  constraint audit_logs_pkey PRIMARY KEY (org_id, audit_id),
  constraint audit_logs_org_id_fkey FOREIGN KEY (org_id) REFERENCES organizations(org_id)
);
CREATE INDEX audit_logs_by_action ON audit_logs USING btree (org_id, action, at, audit_id);
CREATE INDEX audit_logs_by_actor ON audit_logs USING btree (org_id, actor, at, audit_id);
CREATE INDEX audit_logs_by_object ON audit_logs USING btree (org_id, object_id, at, audit_id);
CREATE INDEX audit_logs_by_time ON audit_logs USING btree (org_id, at, audit_id);
CREATE CONSTRAINT TRIGGER chain_audit AFTER INSERT ON audit_logs DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION chain_audit();
CREATE TRIGGER forbid_change BEFORE DELETE OR UPDATE ON audit_logs FOR EACH ROW EXECUTE FUNCTION forbid_changed_audit();
CREATE TRIGGER forbid_truncate BEFORE TRUNCATE ON audit_logs FOR EACH STATEMENT EXECUTE FUNCTION forbid_changed_audit();
alter table audit_logs enable row level security;
alter table audit_logs force row level security;
create policy by_organization on audit_logs to ordeal_app using ((org_id = current_org())) with check ((org_id = current_org()));
grant insert, select on audit_logs to ordeal_app;

create table audit_chain (
  org_id text not null,
  seq bigint not null,
  audit_id text not null,
  hash text not null,
  constraint audit_chain_pkey PRIMARY KEY (org_id, seq),
  constraint audit_chain_org_id_audit_id_key UNIQUE (org_id, audit_id),
  constraint audit_chain_org_id_audit_id_fkey FOREIGN KEY (org_id, audit_id) REFERENCES audit_logs(org_id, audit_id),
  constraint audit_chain_seq_check CHECK ((seq >= 1))
);
CREATE TRIGGER forbid_change BEFORE DELETE OR UPDATE ON audit_chain FOR EACH ROW EXECUTE FUNCTION forbid_changed_audit();
CREATE TRIGGER forbid_truncate BEFORE TRUNCATE ON audit_chain FOR EACH STATEMENT EXECUTE FUNCTION forbid_changed_audit();
alter table audit_chain enable row level security;
alter table audit_chain force row level security;
create policy by_organization on audit_chain to ordeal_app using ((org_id = current_org())) with check ((org_id = current_org()));
create policy chain_of_organization on audit_chain to ordeal_owner using ((org_id = current_org())) with check ((org_id = current_org()));
grant select on audit_chain to ordeal_app;

create table audit_anchors (
  org_id text not null,
  seq bigint not null,
  hash text not null,
  anchored_at text not null,
  public_key text not null,
  signature text not null,
  constraint audit_anchors_pkey PRIMARY KEY (org_id, seq),
  constraint audit_anchors_org_id_seq_fkey FOREIGN KEY (org_id, seq) REFERENCES audit_chain(org_id, seq)
);
CREATE TRIGGER forbid_change BEFORE DELETE OR UPDATE ON audit_anchors FOR EACH ROW EXECUTE FUNCTION forbid_changed_audit();
CREATE TRIGGER forbid_truncate BEFORE TRUNCATE ON audit_anchors FOR EACH STATEMENT EXECUTE FUNCTION forbid_changed_audit();
alter table audit_anchors enable row level security;
alter table audit_anchors force row level security;
create policy by_organization on audit_anchors to ordeal_app using ((org_id = current_org())) with check ((org_id = current_org()));
create policy owner_reads_anchors on audit_anchors for select to ordeal_owner using (true);
grant insert, select on audit_anchors to ordeal_app;

create table emergency_stops (
  org_id text not null,
  given_by text not null,
  halted_at timestamp with time zone default now() not null,
  halted_by text not null,
  reason text not null,
  constraint emergency_stops_pkey PRIMARY KEY (org_id, given_by),
  constraint emergency_stops_org_id_fkey FOREIGN KEY (org_id) REFERENCES organizations(org_id),
  constraint emergency_stops_given_by_check CHECK ((given_by = ANY (ARRAY['organization'::text, 'operator'::text])))
);
alter table emergency_stops enable row level security;
alter table emergency_stops force row level security;
create policy by_organization on emergency_stops to ordeal_app using ((org_id = current_org())) with check ((org_id = current_org()));
grant delete, insert, select on emergency_stops to ordeal_app;

create table idempotency_keys (
  org_id text not null,
  principal text not null,
  route text not null,
  key text not null,
  fingerprint text not null,
  status integer not null,
  body jsonb not null,
  created_at timestamp with time zone default now() not null,
  constraint idempotency_keys_pkey PRIMARY KEY (org_id, principal, route, key),
  constraint idempotency_keys_org_id_fkey FOREIGN KEY (org_id) REFERENCES organizations(org_id)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys USING btree (created_at);
alter table idempotency_keys enable row level security;
alter table idempotency_keys force row level security;
create policy by_organization on idempotency_keys to ordeal_app using ((org_id = current_org())) with check ((org_id = current_org()));
grant delete, insert, select on idempotency_keys to ordeal_app;

create table judge_calibrations (
  org_id text not null,
  calibration_id text not null,
  name text not null,
  criterion text not null,
  framing_version integer not null,
  models jsonb not null,
  requested_by text not null,
  created_at timestamp with time zone default now() not null,
  constraint judge_calibrations_pkey PRIMARY KEY (org_id, calibration_id),
  constraint judge_calibrations_org_id_fkey FOREIGN KEY (org_id) REFERENCES organizations(org_id)
);
alter table judge_calibrations enable row level security;
alter table judge_calibrations force row level security;
create policy by_organization on judge_calibrations to ordeal_app using ((org_id = current_org())) with check ((org_id = current_org()));
grant insert, select on judge_calibrations to ordeal_app;

create table judge_calibration_rows (
  org_id text not null,
  calibration_id text not null,
  row_no integer not null,
  content_hash text not null,
  label text not null,
  said text,
  confidence double precision,
  model text,
  failure text,
  judged_at timestamp with time zone default now() not null,
  constraint judge_calibration_rows_pkey PRIMARY KEY (org_id, calibration_id, row_no),
  constraint judge_calibration_rows_org_id_calibration_id_fkey FOREIGN KEY (org_id, calibration_id) REFERENCES judge_calibrations(org_id, calibration_id),
  constraint judge_calibration_rows_check CHECK (((said IS NULL) = (failure IS NOT NULL))),
  constraint judge_calibration_rows_confidence_check CHECK (((confidence >= (0)::double precision) AND (confidence <= (1)::double precision))),
  constraint judge_calibration_rows_label_check CHECK ((label = ANY (ARRAY['violated'::text, 'held'::text]))),
  constraint judge_calibration_rows_row_no_check CHECK ((row_no >= 1)),
  constraint judge_calibration_rows_said_check CHECK ((said = ANY (ARRAY['violated'::text, 'held'::text, 'unclear'::text])))
);
alter table judge_calibration_rows enable row level security;
alter table judge_calibration_rows force row level security;
create policy by_organization on judge_calibration_rows to ordeal_app using ((org_id = current_org())) with check ((org_id = current_org()));
grant insert, select on judge_calibration_rows to ordeal_app;

create table libraries (
  org_id text not null,
  library_id text not null,
  name text not null,
  source_kind text not null,
  detectors jsonb not null,
  evidence text not null,
  last_entry_no integer default 0 not null,
  last_scan_no integer default 0 not null,
  created_at timestamp with time zone default now() not null,
  constraint libraries_pkey PRIMARY KEY (org_id, library_id),
  constraint libraries_org_id_name_key UNIQUE (org_id, name),
  constraint libraries_org_id_fkey FOREIGN KEY (org_id) REFERENCES organizations(org_id),
  constraint libraries_evidence_check CHECK ((evidence = ANY (ARRAY['answer'::text, 'events'::text]))),
  constraint libraries_name_check CHECK ((name ~ '^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$'::text))
);
alter table libraries enable row level security;
alter table libraries force row level security;
create policy by_organization on libraries to ordeal_app using ((org_id = current_org())) with check ((org_id = current_org()));
grant insert, select on libraries to ordeal_app;
grant update (last_entry_no, last_scan_no) on libraries to ordeal_app;

create table library_entries (
  org_id text not null,
  library_id text not null,
  entry_no integer not null,
  entry_key text not null,
  content_hash text not null,
  prompt text not null,
  title text,
  category text not null,
  severity text not null,
  added_in integer not null,
  changed_in integer,
  seen_in integer not null,
  gone_in integer,
  constraint library_entries_pkey PRIMARY KEY (org_id, library_id, entry_no),
  constraint library_entries_org_id_library_id_entry_key_key UNIQUE (org_id, library_id, entry_key),
  constraint library_entries_org_id_library_id_fkey FOREIGN KEY (org_id, library_id) REFERENCES libraries(org_id, library_id),
  constraint library_entries_entry_no_check CHECK ((entry_no >= 1)),
  constraint library_entries_severity_check CHECK ((severity = ANY (ARRAY['critical'::text, 'high'::text, 'medium'::text, 'low'::text])))
) with (fillfactor=80);
alter table library_entries enable row level security;
alter table library_entries force row level security;
create policy by_organization on library_entries to ordeal_app using ((org_id = current_org())) with check ((org_id = current_org()));
grant insert, select on library_entries to ordeal_app;
grant update (content_hash, prompt, title, category, severity, changed_in, seen_in, gone_in) on library_entries to ordeal_app;

create table library_scans (
  org_id text not null,
  library_id text not null,
  scan_no integer not null,
  source_name text not null,
  status text default 'open'::text not null,
  requested_by text not null,
  started_at timestamp with time zone default now() not null,
  ended_at timestamp with time zone,
  added integer default 0 not null,
  changed integer default 0 not null,
  unchanged integer default 0 not null,
  gone integer default 0 not null,
  refused integer default 0 not null,
  constraint library_scans_pkey PRIMARY KEY (org_id, library_id, scan_no),
  constraint library_scans_org_id_library_id_fkey FOREIGN KEY (org_id, library_id) REFERENCES libraries(org_id, library_id),
  constraint library_scans_scan_no_check CHECK ((scan_no >= 1)),
  constraint library_scans_status_check CHECK ((status = ANY (ARRAY['open'::text, 'complete'::text, 'cut_short'::text, 'abandoned'::text])))
);
alter table library_scans enable row level security;
alter table library_scans force row level security;
create policy by_organization on library_scans to ordeal_app using ((org_id = current_org())) with check ((org_id = current_org()));
grant insert, select on library_scans to ordeal_app;
grant update (status, ended_at, added, changed, unchanged, gone, refused) on library_scans to ordeal_app;

create table members (
  org_id text not null,
  member_id text not null,
  name text not null,
  role text not null,
  created_at timestamp with time zone default now() not null,
  removed_at timestamp with time zone,
  constraint members_pkey PRIMARY KEY (org_id, member_id),
  constraint members_org_id_fkey FOREIGN KEY (org_id) REFERENCES organizations(org_id),
  constraint members_role_check CHECK ((role = ANY (ARRAY['viewer'::text, 'operator'::text, 'approver'::text, 'admin'::text])))
);
alter table members enable row level security;
alter table members force row level security;
create policy by_organization on members to ordeal_app using ((org_id = current_org())) with check ((org_id = current_org()));
grant insert, select on members to ordeal_app;
grant update (name, role, removed_at) on members to ordeal_app;

create table api_keys (
  org_id text not null,
  key_id text not null,
  name text not null,
  secret_hash text not null,
  created_at timestamp with time zone default now() not null,
  expires_at timestamp with time zone,
  revoked_at timestamp with time zone,
  member_id text not null,
  role text not null,
  constraint api_keys_pkey PRIMARY KEY (org_id, key_id),
  constraint api_keys_org_id_fkey FOREIGN KEY (org_id) REFERENCES organizations(org_id),
  constraint api_keys_org_id_member_id_fkey FOREIGN KEY (org_id, member_id) REFERENCES members(org_id, member_id),
  constraint api_keys_role_check CHECK ((role = ANY (ARRAY['viewer'::text, 'operator'::text, 'approver'::text, 'admin'::text])))
);
CREATE INDEX api_keys_by_member ON api_keys USING btree (org_id, member_id);
alter table api_keys enable row level security;
alter table api_keys force row level security;
create policy by_organization on api_keys to ordeal_app using ((org_id = current_org())) with check ((org_id = current_org()));
grant insert, select on api_keys to ordeal_app;
grant update (expires_at, revoked_at) on api_keys to ordeal_app;

create table editors (
  org_id text not null,
  object_id text not null,
  member_id text not null,
  first_edited_at timestamp with time zone default now() not null,
  constraint editors_pkey PRIMARY KEY (org_id, object_id, member_id),
  constraint editors_org_id_member_id_fkey FOREIGN KEY (org_id, member_id) REFERENCES members(org_id, member_id)
);
CREATE INDEX editors_by_member ON editors USING btree (org_id, member_id);
alter table editors enable row level security;
alter table editors force row level security;
create policy by_organization on editors to ordeal_app using ((org_id = current_org())) with check ((org_id = current_org()));
grant insert, select on editors to ordeal_app;

create table projects (
  org_id text not null,
  project_id text not null,
  name text not null,
  created_at timestamp with time zone default now() not null,
  styles text[] default '{plain}'::text[] not null,
  environment text default 'test'::text not null,
  constraint projects_pkey PRIMARY KEY (org_id, project_id),
  constraint projects_org_id_fkey FOREIGN KEY (org_id) REFERENCES organizations(org_id),
  constraint projects_environment_check CHECK ((environment = ANY (ARRAY['test'::text, 'staging'::text, 'production'::text]))),
  constraint projects_styles_check CHECK ((cardinality(styles) >= 1))
);
alter table projects enable row level security;
alter table projects force row level security;
create policy by_organization on projects to ordeal_app using ((org_id = current_org())) with check ((org_id = current_org()));
grant insert, select on projects to ordeal_app;
grant update (name, styles, environment) on projects to ordeal_app;

create table delegations (
  org_id text not null,
  delegation_id text not null,
  delegator_id text not null,
  delegate_id text not null,
  project_id text,
  starts_at timestamp with time zone not null,
  ends_at timestamp with time zone not null,
  created_by text not null,
  created_at timestamp with time zone default now() not null,
  revoked_at timestamp with time zone,
  revoked_by text,
  constraint delegations_pkey PRIMARY KEY (org_id, delegation_id),
  constraint delegations_org_id_delegate_id_fkey FOREIGN KEY (org_id, delegate_id) REFERENCES members(org_id, member_id),
  constraint delegations_org_id_delegator_id_fkey FOREIGN KEY (org_id, delegator_id) REFERENCES members(org_id, member_id),
  constraint delegations_org_id_project_id_fkey FOREIGN KEY (org_id, project_id) REFERENCES projects(org_id, project_id),
  constraint delegations_check CHECK ((delegator_id <> delegate_id)),
  constraint delegations_check1 CHECK (((ends_at > starts_at) AND (ends_at <= (starts_at + '30 days'::interval)))),
  constraint delegations_check2 CHECK (((revoked_at IS NULL) = (revoked_by IS NULL)))
);
CREATE INDEX delegations_by_delegate ON delegations USING btree (org_id, delegate_id, delegation_id);
CREATE INDEX delegations_by_delegator ON delegations USING btree (org_id, delegator_id, delegation_id);
CREATE INDEX delegations_by_project ON delegations USING btree (org_id, project_id);
alter table delegations enable row level security;
alter table delegations force row level security;
create policy by_organization on delegations to ordeal_app using ((org_id = current_org())) with check ((org_id = current_org()));
grant insert, select on delegations to ordeal_app;
grant update (revoked_at, revoked_by) on delegations to ordeal_app;

create table policies (
  org_id text not null,
  policy_id text not null,
  project_id text,
  latest_version integer not null,
  created_at timestamp with time zone default now() not null,
  constraint policies_pkey PRIMARY KEY (org_id, policy_id),
  constraint policies_org_id_project_id_key UNIQUE NULLS NOT DISTINCT (org_id, project_id),
  constraint policies_org_id_fkey FOREIGN KEY (org_id) REFERENCES organizations(org_id),
  constraint policies_org_id_project_id_fkey FOREIGN KEY (org_id, project_id) REFERENCES projects(org_id, project_id),
  constraint policies_latest_version_check CHECK ((latest_version >= 1))
);
alter table policies enable row level security;
alter table policies force row level security;
create policy by_organization on policies to ordeal_app using ((org_id = current_org())) with check ((org_id = current_org()));
grant insert, select on policies to ordeal_app;
grant update (latest_version) on policies to ordeal_app;

create table policy_versions (
  org_id text not null,
  policy_id text not null,
  version integer not null,
  document jsonb not null,
  created_by text not null,
  created_at timestamp with time zone default now() not null,
  constraint policy_versions_pkey PRIMARY KEY (org_id, policy_id, version),
  constraint policy_versions_org_id_policy_id_fkey FOREIGN KEY (org_id, policy_id) REFERENCES policies(org_id, policy_id),
  constraint policy_versions_version_check CHECK ((version >= 1))
);
alter table policy_versions enable row level security;
alter table policy_versions force row level security;
create policy by_organization on policy_versions to ordeal_app using ((org_id = current_org())) with check ((org_id = current_org()));
grant insert, select on policy_versions to ordeal_app;

create table production_confirmations (
  org_id text not null,
  confirmation_id text not null,
  project_id text not null,
  statement text not null,
  member_id text not null,
  member_name text not null,
  key_id text not null,
  reason text not null,
  confirmed_at timestamp with time zone default now() not null,
  voided_at timestamp with time zone,
  void_reason text,
  constraint production_confirmations_pkey PRIMARY KEY (org_id, confirmation_id),
  constraint production_confirmations_org_id_member_id_fkey FOREIGN KEY (org_id, member_id) REFERENCES members(org_id, member_id),
  constraint production_confirmations_org_id_project_id_fkey FOREIGN KEY (org_id, project_id) REFERENCES projects(org_id, project_id),
  constraint production_confirmations_statement_check CHECK ((statement = ANY (ARRAY['no_customer_traffic'::text, 'no_customer_secrets'::text, 'unsafe_behaviour_accepted'::text])))
);
CREATE INDEX production_confirmations_by_member ON production_confirmations USING btree (org_id, member_id);
CREATE INDEX production_confirmations_by_project ON production_confirmations USING btree (org_id, project_id);
CREATE UNIQUE INDEX production_confirmations_standing ON production_confirmations USING btree (org_id, project_id, statement) WHERE (voided_at IS NULL);
alter table production_confirmations enable row level security;
alter table production_confirmations force row level security;
create policy by_organization on production_confirmations to ordeal_app using ((org_id = current_org())) with check ((org_id = current_org()));
grant insert, select on production_confirmations to ordeal_app;
grant update (voided_at, void_reason) on production_confirmations to ordeal_app;

create table prompt_pool (
  org_id text not null,
  goal_digest text not null,
  style text not null,
  prompt_digest text not null,
  prompt_no integer not null,
  script_slug text not null,
  step_id text not null,
  prompt text not null,
  source text not null,
  seed text not null,
  created_at timestamp with time zone default now() not null,
  last_used_at timestamp with time zone,
  constraint prompt_pool_pkey PRIMARY KEY (org_id, goal_digest, style, prompt_digest),
  constraint prompt_pool_org_id_fkey FOREIGN KEY (org_id) REFERENCES organizations(org_id),
  constraint prompt_pool_prompt_no_check CHECK ((prompt_no >= 1))
) with (fillfactor=70);
alter table prompt_pool enable row level security;
alter table prompt_pool force row level security;
create policy by_organization on prompt_pool to ordeal_app using ((org_id = current_org())) with check ((org_id = current_org()));
grant insert, select on prompt_pool to ordeal_app;
grant update (last_used_at) on prompt_pool to ordeal_app;

create table schedules (
  org_id text not null,
  schedule_id text not null,
  project_id text not null,
  name text not null,
  timing jsonb not null,
  run_request jsonb not null,
  is_paused boolean default false not null,
  created_by text not null,
  revision integer default 1 not null,
  synced_revision integer default 0 not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  deleted_at timestamp with time zone,
  constraint schedules_pkey PRIMARY KEY (org_id, schedule_id),
  constraint schedules_org_id_created_by_fkey FOREIGN KEY (org_id, created_by) REFERENCES api_keys(org_id, key_id),
  constraint schedules_org_id_project_id_fkey FOREIGN KEY (org_id, project_id) REFERENCES projects(org_id, project_id),
  constraint schedules_revision_check CHECK ((revision >= 1))
);
CREATE INDEX schedules_by_key ON schedules USING btree (org_id, created_by);
CREATE INDEX schedules_by_project ON schedules USING btree (org_id, project_id, schedule_id);
CREATE INDEX schedules_unsynced ON schedules USING btree (schedule_id) WHERE (revision <> synced_revision);
alter table schedules enable row level security;
alter table schedules force row level security;
create policy by_organization on schedules to ordeal_app using ((org_id = current_org())) with check ((org_id = current_org()));
create policy owner_reads_schedules on schedules for select to ordeal_owner using (true);
grant insert, select on schedules to ordeal_app;
grant update (name, timing, run_request, is_paused, created_by, revision, synced_revision, updated_at, deleted_at) on schedules to ordeal_app;

create table schema_migrations (
  name text not null,
  checksum text not null,
  applied_at timestamp with time zone default now() not null,
  constraint schema_migrations_pkey PRIMARY KEY (name)
);

create table scripts (
  org_id text not null,
  script_id text not null,
  slug text not null,
  is_builtin boolean not null,
  latest_version integer not null,
  created_at timestamp with time zone default now() not null,
  constraint scripts_pkey PRIMARY KEY (org_id, script_id),
  constraint scripts_org_id_slug_key UNIQUE (org_id, slug),
  constraint scripts_org_id_fkey FOREIGN KEY (org_id) REFERENCES organizations(org_id)
);
alter table scripts enable row level security;
alter table scripts force row level security;
create policy by_organization on scripts to ordeal_app using ((org_id = current_org())) with check ((org_id = current_org()));
grant insert, select on scripts to ordeal_app;
grant update (latest_version) on scripts to ordeal_app;

create table script_versions (
  org_id text not null,
  script_id text not null,
  version integer not null,
  content_hash text not null,
  definition jsonb not null,
  created_at timestamp with time zone default now() not null,
  constraint script_versions_pkey PRIMARY KEY (org_id, script_id, version),
  constraint script_versions_org_id_script_id_fkey FOREIGN KEY (org_id, script_id) REFERENCES scripts(org_id, script_id),
  constraint script_versions_version_check CHECK ((version >= 1))
);
alter table script_versions enable row level security;
alter table script_versions force row level security;
create policy by_organization on script_versions to ordeal_app using ((org_id = current_org())) with check ((org_id = current_org()));
grant insert, select on script_versions to ordeal_app;

create table targets (
  org_id text not null,
  target_id text not null,
  project_id text not null,
  name text not null,
  definition jsonb not null,
  sealed_auth text,
  created_at timestamp with time zone default now() not null,
  auth_kind text,
  has_client_certificate boolean default false not null,
  revision integer default 1 not null,
  updated_at timestamp with time zone default now() not null,
  constraint targets_pkey PRIMARY KEY (org_id, target_id),
  constraint targets_org_id_project_id_fkey FOREIGN KEY (org_id, project_id) REFERENCES projects(org_id, project_id),
  constraint targets_revision_check CHECK ((revision >= 1))
);
CREATE INDEX targets_by_project ON targets USING btree (org_id, project_id, target_id);
CREATE TRIGGER void_confirmations_of_changed AFTER UPDATE ON targets FOR EACH ROW WHEN (((old.revision IS DISTINCT FROM new.revision) OR (old.project_id IS DISTINCT FROM new.project_id) OR (old.name IS DISTINCT FROM new.name) OR (old.definition IS DISTINCT FROM new.definition) OR (old.auth_kind IS DISTINCT FROM new.auth_kind) OR (old.has_client_certificate IS DISTINCT FROM new.has_client_certificate))) EXECUTE FUNCTION void_confirmations();
CREATE TRIGGER void_confirmations_of_new AFTER INSERT ON targets FOR EACH ROW EXECUTE FUNCTION void_confirmations();
alter table targets enable row level security;
alter table targets force row level security;
create policy by_organization on targets to ordeal_app using ((org_id = current_org())) with check ((org_id = current_org()));
grant insert, select on targets to ordeal_app;
grant update (name, definition, sealed_auth, auth_kind, has_client_certificate, revision, updated_at) on targets to ordeal_app;

create table runs (
  org_id text not null,
  run_id text not null,
  project_id text not null,
  target_id text not null,
  status text default 'queued'::text not null,
  status_reason text,
  target_name text not null,
  target_definition jsonb not null,
  scripts jsonb not null,
  options jsonb not null,
  plan_hash text not null,
  requested_by text not null,
  created_at timestamp with time zone default now() not null,
  started_at timestamp with time zone,
  deadline_at timestamp with time zone,
  ended_at timestamp with time zone,
  stop_requested_at timestamp with time zone,
  stop_requested_by text,
  strategies jsonb default '["plain"]'::jsonb not null,
  generation jsonb default '{"seed": null, "styles": ["plain"], "prompts": {"model": 0, "engine": 0, "script": 0}, "intensity": "low", "modelFault": null}'::jsonb not null,
  quota_crossed jsonb,
  awaiting_since timestamp with time zone,
  priority text default 'normal'::text not null,
  adjustments jsonb default '{}'::jsonb not null,
  paused_at timestamp with time zone,
  paused_by text,
  paused_ms bigint default 0 not null,
  resumed_at timestamp with time zone,
  control_version integer default 0 not null,
  control_seen integer default 0 not null,
  control_changed_at timestamp with time zone,
  retry_of text,
  guard jsonb,
  held_until timestamp with time zone,
  cleanup_begun_at timestamp with time zone,
  cleanup_deadline_at timestamp with time zone,
  cleanup_ending jsonb,
  cleanup_stop_requested_at timestamp with time zone,
  cleanup_stop_requested_by text,
  executed_by text,
  constraint runs_pkey PRIMARY KEY (org_id, run_id),
  constraint runs_org_id_project_id_fkey FOREIGN KEY (org_id, project_id) REFERENCES projects(org_id, project_id),
  constraint runs_org_id_retry_of_fkey FOREIGN KEY (org_id, retry_of) REFERENCES runs(org_id, run_id),
  constraint runs_org_id_target_id_fkey FOREIGN KEY (org_id, target_id) REFERENCES targets(org_id, target_id),
  constraint runs_paused_ms_check CHECK ((paused_ms >= 0)),
  constraint runs_priority_check CHECK ((priority = ANY (ARRAY['urgent'::text, 'normal'::text, 'low'::text]))),
  constraint runs_status_check CHECK ((status = ANY (ARRAY['queued'::text, 'running'::text, 'paused'::text, 'awaiting_approval'::text, 'completed'::text, 'incomplete'::text, 'stopped'::text, 'stopped_quota'::text, 'failed'::text])))
);
CREATE INDEX runs_by_id ON runs USING btree (run_id);
CREATE INDEX runs_by_project ON runs USING btree (org_id, project_id, run_id);
CREATE INDEX runs_by_retry_of ON runs USING btree (org_id, retry_of) WHERE (retry_of IS NOT NULL);
CREATE INDEX runs_by_target ON runs USING btree (org_id, target_id);
CREATE INDEX runs_held ON runs USING btree (held_until) WHERE ((held_until IS NOT NULL) AND (status = 'queued'::text));
CREATE INDEX runs_live ON runs USING btree (created_at) WHERE (status = ANY (ARRAY['queued'::text, 'running'::text, 'paused'::text, 'awaiting_approval'::text]));
CREATE TRIGGER forbid_changed_plan BEFORE UPDATE OF plan_hash, generation ON runs FOR EACH ROW WHEN ((old.plan_hash <> ''::text)) EXECUTE FUNCTION forbid_changed_plan();
CREATE TRIGGER forbid_illegal_run_transition BEFORE UPDATE OF status ON runs FOR EACH ROW WHEN ((old.status IS DISTINCT FROM new.status)) EXECUTE FUNCTION forbid_illegal_run_transition();
alter table runs enable row level security;
alter table runs force row level security;
create policy by_organization on runs to ordeal_app using ((org_id = current_org())) with check ((org_id = current_org()));
create policy owner_reads_live_runs on runs for select to ordeal_owner using (true);
grant insert, select on runs to ordeal_app;
grant update (status, status_reason, plan_hash, started_at, deadline_at, ended_at, stop_requested_at, stop_requested_by, generation, quota_crossed, awaiting_since, adjustments, paused_at, paused_by, paused_ms, resumed_at, control_version, control_seen, control_changed_at, guard, held_until, cleanup_begun_at, cleanup_deadline_at, cleanup_ending, cleanup_stop_requested_at, cleanup_stop_requested_by, executed_by) on runs to ordeal_app;

create table findings (
  org_id text not null,
  finding_id text not null,
  run_id text not null,
  weakness_key text not null,
  script_slug text not null,
  category text not null,
  detector text not null,
  severity text not null,
  confidence double precision not null,
  title text not null,
  remediation text not null,
  probe_ids text[] not null,
  story jsonb not null,
  created_at timestamp with time zone default now() not null,
  constraint findings_pkey PRIMARY KEY (org_id, finding_id),
  constraint findings_org_id_run_id_weakness_key_key UNIQUE (org_id, run_id, weakness_key),
  constraint findings_org_id_run_id_fkey FOREIGN KEY (org_id, run_id) REFERENCES runs(org_id, run_id),
  constraint findings_confidence_check CHECK (((confidence >= (0)::double precision) AND (confidence <= (1)::double precision))),
  constraint findings_severity_check CHECK ((severity = ANY (ARRAY['critical'::text, 'high'::text, 'medium'::text, 'low'::text])))
);
alter table findings enable row level security;
alter table findings force row level security;
create policy by_organization on findings to ordeal_app using ((org_id = current_org())) with check ((org_id = current_org()));
grant insert, select on findings to ordeal_app;

create table finding_evidence (
  org_id text not null,
  finding_id text not null,
  evidence_no integer not null,
  probe_id text not null,
  detector text not null,
  detector_version integer not null,
  evidence jsonb not null,
  constraint finding_evidence_pkey PRIMARY KEY (org_id, finding_id, evidence_no),
  constraint finding_evidence_org_id_finding_id_fkey FOREIGN KEY (org_id, finding_id) REFERENCES findings(org_id, finding_id)
);
alter table finding_evidence enable row level security;
alter table finding_evidence force row level security;
create policy by_organization on finding_evidence to ordeal_app using ((org_id = current_org())) with check ((org_id = current_org()));
grant insert, select on finding_evidence to ordeal_app;

create table probes (
  org_id text not null,
  run_id text not null,
  step_id text not null,
  variant_no integer not null,
  probe_id text not null,
  script_slug text not null,
  sequence_no integer not null,
  "position" integer not null,
  step jsonb not null,
  epoch integer default 0 not null,
  outcome text,
  reason text,
  detail text,
  failure text,
  detections jsonb default '[]'::jsonb not null,
  weakness jsonb,
  judged_at timestamp with time zone,
  strategy text default 'plain'::text not null,
  style text default 'plain'::text not null,
  prompt_variant integer default 1 not null,
  prompt_source text default 'script'::text not null,
  seed text default 'ordeal'::text not null,
  retry_of text,
  waiting_since timestamp with time zone,
  constraint probes_pkey PRIMARY KEY (org_id, run_id, step_id, variant_no),
  constraint probes_org_id_probe_id_key UNIQUE (org_id, probe_id),
  constraint probes_org_id_run_id_sequence_no_position_key UNIQUE (org_id, run_id, sequence_no, "position"),
  constraint probes_org_id_retry_of_fkey FOREIGN KEY (org_id, retry_of) REFERENCES probes(org_id, probe_id),
  constraint probes_org_id_run_id_fkey FOREIGN KEY (org_id, run_id) REFERENCES runs(org_id, run_id),
  constraint probes_check CHECK (((outcome IS NULL) = (judged_at IS NULL))),
  constraint probes_outcome_check CHECK ((outcome = ANY (ARRAY['vulnerable'::text, 'resisted'::text, 'blocked'::text, 'inconclusive'::text, 'not_run'::text]))),
  constraint probes_prompt_variant_check CHECK ((prompt_variant >= 1)),
  constraint probes_variant_no_check CHECK ((variant_no >= 1))
) with (fillfactor=50);
CREATE UNIQUE INDEX probes_by_retry_of ON probes USING btree (org_id, retry_of) WHERE (retry_of IS NOT NULL);
CREATE INDEX probes_dead ON probes USING btree (org_id, probe_id) WHERE (outcome = ANY (ARRAY['inconclusive'::text, 'not_run'::text]));
CREATE TRIGGER forbid_changed_verdict BEFORE UPDATE OF outcome ON probes FOR EACH ROW WHEN ((old.outcome IS NOT NULL)) EXECUTE FUNCTION forbid_changed_verdict();
alter table probes enable row level security;
alter table probes force row level security;
create policy by_organization on probes to ordeal_app using ((org_id = current_org())) with check ((org_id = current_org()));
grant insert, select on probes to ordeal_app;
grant update (epoch, outcome, reason, detail, failure, detections, weakness, judged_at, waiting_since) on probes to ordeal_app;

create table approvals (
  org_id text not null,
  approval_id text not null,
  kind text not null,
  project_id text not null,
  run_id text not null,
  step_id text,
  variant_no integer,
  conversation_no integer,
  exchange_no integer,
  payload_hash text not null,
  preview jsonb not null,
  risk_level text not null,
  risk jsonb not null,
  policy jsonb not null,
  quorum integer not null,
  excluded_members text[] not null,
  status text default 'pending'::text not null,
  requested_at timestamp with time zone default now() not null,
  expires_at timestamp with time zone not null,
  decided_at timestamp with time zone,
  decided_by text,
  reminded_at timestamp with time zone,
  remind_at timestamp with time zone,
  decided_for text,
  constraint approvals_pkey PRIMARY KEY (org_id, approval_id),
  constraint approvals_org_id_project_id_fkey FOREIGN KEY (org_id, project_id) REFERENCES projects(org_id, project_id),
  constraint approvals_org_id_run_id_fkey FOREIGN KEY (org_id, run_id) REFERENCES runs(org_id, run_id),
  constraint approvals_org_id_run_id_step_id_variant_no_fkey FOREIGN KEY (org_id, run_id, step_id, variant_no) REFERENCES probes(org_id, run_id, step_id, variant_no),
  constraint approvals_check CHECK (((kind = 'run'::text) = (step_id IS NULL))),
  constraint approvals_check1 CHECK (((status = 'pending'::text) = (decided_at IS NULL))),
  constraint approvals_kind_check CHECK ((kind = ANY (ARRAY['exchange'::text, 'run'::text]))),
  constraint approvals_quorum_check CHECK ((quorum >= 1)),
  constraint approvals_risk_level_check CHECK ((risk_level = ANY (ARRAY['low'::text, 'medium'::text, 'high'::text, 'critical'::text]))),
  constraint approvals_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'approved'::text, 'rejected'::text, 'expired'::text, 'voided'::text, 'cancelled'::text])))
);
CREATE UNIQUE INDEX approvals_by_exchange ON approvals USING btree (org_id, run_id, step_id, variant_no, conversation_no, exchange_no) NULLS NOT DISTINCT;
CREATE INDEX approvals_by_project ON approvals USING btree (org_id, project_id, approval_id);
CREATE INDEX approvals_pending ON approvals USING btree (org_id, approval_id) WHERE (status = 'pending'::text);
CREATE INDEX approvals_to_remind ON approvals USING btree (remind_at) WHERE ((status = 'pending'::text) AND (remind_at IS NOT NULL));
alter table approvals enable row level security;
alter table approvals force row level security;
create policy by_organization on approvals to ordeal_app using ((org_id = current_org())) with check ((org_id = current_org()));
create policy owner_reads_approvals on approvals for select to ordeal_owner using (true);
create policy owner_reads_decided on approvals for select to ordeal_owner using (true);
grant insert, select on approvals to ordeal_app;
grant update (excluded_members, status, decided_at, decided_by, reminded_at, remind_at, decided_for) on approvals to ordeal_app;

create table approval_decisions (
  org_id text not null,
  decision_id text not null,
  approval_id text not null,
  member_id text not null,
  actor text not null,
  via text not null,
  verdict text not null,
  comment text,
  given_at timestamp with time zone default now() not null,
  effect text,
  applied_at timestamp with time zone,
  for_member_id text,
  delegation_id text,
  seen_at timestamp with time zone,
  constraint approval_decisions_pkey PRIMARY KEY (org_id, decision_id),
  constraint approval_decisions_org_id_approval_id_fkey FOREIGN KEY (org_id, approval_id) REFERENCES approvals(org_id, approval_id),
  constraint approval_decisions_org_id_delegation_id_fkey FOREIGN KEY (org_id, delegation_id) REFERENCES delegations(org_id, delegation_id),
  constraint approval_decisions_org_id_for_member_id_fkey FOREIGN KEY (org_id, for_member_id) REFERENCES members(org_id, member_id),
  constraint approval_decisions_org_id_member_id_fkey FOREIGN KEY (org_id, member_id) REFERENCES members(org_id, member_id),
  constraint approval_decisions_check CHECK (((for_member_id IS NULL) = (delegation_id IS NULL))),
  constraint approval_decisions_effect_check CHECK ((effect = ANY (ARRAY['counted'::text, 'late'::text, 'excluded'::text]))),
  constraint approval_decisions_verdict_check CHECK ((verdict = ANY (ARRAY['approve'::text, 'reject'::text])))
);
CREATE INDEX approval_decisions_by_approval ON approval_decisions USING btree (org_id, approval_id, member_id);
CREATE INDEX approval_decisions_by_delegation ON approval_decisions USING btree (org_id, delegation_id) WHERE (delegation_id IS NOT NULL);
CREATE INDEX approval_decisions_by_delegator ON approval_decisions USING btree (org_id, for_member_id) WHERE (for_member_id IS NOT NULL);
CREATE INDEX approval_decisions_by_member ON approval_decisions USING btree (org_id, member_id);
CREATE UNIQUE INDEX approval_decisions_counted ON approval_decisions USING btree (org_id, approval_id, member_id) WHERE (effect = 'counted'::text);
CREATE UNIQUE INDEX approval_decisions_one_right ON approval_decisions USING btree (org_id, approval_id, COALESCE(for_member_id, member_id)) WHERE (effect = 'counted'::text);
CREATE INDEX approval_decisions_unseen ON approval_decisions USING btree (applied_at) WHERE ((effect = 'counted'::text) AND (seen_at IS NULL));
alter table approval_decisions enable row level security;
alter table approval_decisions force row level security;
create policy by_organization on approval_decisions to ordeal_app using ((org_id = current_org())) with check ((org_id = current_org()));
create policy owner_reads_decisions on approval_decisions for select to ordeal_owner using (true);
grant insert, select on approval_decisions to ordeal_app;
grant update (effect, applied_at, for_member_id, delegation_id, seen_at) on approval_decisions to ordeal_app;

create table attacker_calls (
  org_id text not null,
  run_id text not null,
  step_id text not null,
  variant_no integer not null,
  call_no integer not null,
  purpose text not null,
  answer_text text,
  model text,
  failure text,
  failure_detail text,
  created_at timestamp with time zone default now() not null,
  constraint attacker_calls_pkey PRIMARY KEY (org_id, run_id, step_id, variant_no, call_no),
  constraint attacker_calls_org_id_run_id_step_id_variant_no_fkey FOREIGN KEY (org_id, run_id, step_id, variant_no) REFERENCES probes(org_id, run_id, step_id, variant_no),
  constraint attacker_calls_call_no_check CHECK ((call_no >= 1)),
  constraint attacker_calls_check CHECK (((answer_text IS NULL) = (failure IS NOT NULL))),
  constraint attacker_calls_purpose_check CHECK ((purpose = ANY (ARRAY['word_turn'::text, 'propose'::text, 'check_topic'::text, 'score'::text])))
);
alter table attacker_calls enable row level security;
alter table attacker_calls force row level security;
create policy by_organization on attacker_calls to ordeal_app using ((org_id = current_org())) with check ((org_id = current_org()));
grant insert, select on attacker_calls to ordeal_app;

create table cleanups (
  org_id text not null,
  cleanup_id text not null,
  run_id text not null,
  step_id text not null,
  variant_no integer not null,
  session_no integer not null,
  request_method text not null,
  request_url text not null,
  request_headers jsonb not null,
  request_body text,
  request_hash text not null,
  is_repeatable boolean not null,
  state text default 'armed'::text not null,
  order_no integer,
  epoch integer default 0 not null,
  failure text,
  detail text,
  armed_at timestamp with time zone default now() not null,
  settled_at timestamp with time zone,
  constraint cleanups_pkey PRIMARY KEY (org_id, cleanup_id),
  constraint cleanups_org_id_run_id_step_id_variant_no_request_hash_key UNIQUE (org_id, run_id, step_id, variant_no, request_hash),
  constraint cleanups_org_id_run_id_step_id_variant_no_fkey FOREIGN KEY (org_id, run_id, step_id, variant_no) REFERENCES probes(org_id, run_id, step_id, variant_no),
  constraint cleanups_check CHECK (((state = ANY (ARRAY['armed'::text, 'pending'::text])) = (settled_at IS NULL))),
  constraint cleanups_state_check CHECK ((state = ANY (ARRAY['armed'::text, 'pending'::text, 'cleaned'::text, 'failed'::text, 'indeterminate'::text, 'skipped'::text, 'not_needed'::text])))
);
CREATE UNIQUE INDEX cleanups_by_order ON cleanups USING btree (org_id, run_id, order_no) WHERE (order_no IS NOT NULL);
CREATE TRIGGER forbid_changed_cleanup BEFORE UPDATE OF state ON cleanups FOR EACH ROW WHEN ((old.settled_at IS NOT NULL)) EXECUTE FUNCTION forbid_changed_cleanup();
alter table cleanups enable row level security;
alter table cleanups force row level security;
create policy by_organization on cleanups to ordeal_app using ((org_id = current_org())) with check ((org_id = current_org()));
grant insert, select on cleanups to ordeal_app;
grant update (state, order_no, epoch, failure, detail, settled_at) on cleanups to ordeal_app;

create table attempts (
  org_id text not null,
  attempt_id text not null,
  run_id text not null,
  step_id text not null,
  variant_no integer not null,
  attempt_no integer not null,
  epoch integer not null,
  state text default 'open'::text not null,
  request_method text not null,
  request_url text not null,
  request_headers jsonb not null,
  request_body text,
  prompt text,
  was_sent boolean,
  failure text,
  failure_detail text,
  retry_after_seconds integer,
  response_status integer,
  response_headers jsonb,
  response_body bytea,
  answer_text text,
  latency_ms integer,
  opened_at timestamp with time zone default now() not null,
  closed_at timestamp with time zone,
  conversation_no integer default 1 not null,
  exchange_no integer default 1 not null,
  tool_calls jsonb,
  payload_hash text,
  cleanup_id text,
  constraint attempts_pkey PRIMARY KEY (org_id, attempt_id),
  constraint attempts_by_exchange UNIQUE (org_id, run_id, step_id, variant_no, conversation_no, exchange_no, attempt_no),
  constraint attempts_cleanup FOREIGN KEY (org_id, cleanup_id) REFERENCES cleanups(org_id, cleanup_id),
  constraint attempts_org_id_run_id_step_id_variant_no_fkey FOREIGN KEY (org_id, run_id, step_id, variant_no) REFERENCES probes(org_id, run_id, step_id, variant_no),
  constraint attempts_check CHECK (((state = 'open'::text) = (closed_at IS NULL))),
  constraint attempts_conversation_no_check CHECK ((conversation_no >= 1)),
  constraint attempts_exchange_no_check CHECK ((exchange_no >= 1)),
  constraint attempts_state_check CHECK ((state = ANY (ARRAY['open'::text, 'answered'::text, 'failed'::text, 'indeterminate'::text])))
) with (fillfactor=50);
CREATE INDEX attempts_by_cleanup ON attempts USING btree (org_id, cleanup_id) WHERE (cleanup_id IS NOT NULL);
CREATE TRIGGER require_approval BEFORE INSERT ON attempts FOR EACH ROW EXECUTE FUNCTION require_approval();
alter table attempts enable row level security;
alter table attempts force row level security;
create policy by_organization on attempts to ordeal_app using ((org_id = current_org())) with check ((org_id = current_org()));
grant insert, select on attempts to ordeal_app;
grant update (state, was_sent, failure, failure_detail, retry_after_seconds, response_status, response_headers, response_body, answer_text, latency_ms, closed_at, tool_calls) on attempts to ordeal_app;

create table cleanup_attempts (
  org_id text not null,
  cleanup_attempt_id text not null,
  cleanup_id text not null,
  run_id text not null,
  attempt_no integer not null,
  epoch integer not null,
  state text default 'open'::text not null,
  request_method text not null,
  request_url text not null,
  request_headers jsonb not null,
  request_body text,
  request_hash text not null,
  was_sent boolean,
  failure text,
  failure_detail text,
  retry_after_seconds integer,
  response_status integer,
  response_headers jsonb,
  response_body bytea,
  latency_ms integer,
  opened_at timestamp with time zone default now() not null,
  closed_at timestamp with time zone,
  constraint cleanup_attempts_pkey PRIMARY KEY (org_id, cleanup_attempt_id),
  constraint cleanup_attempts_org_id_cleanup_id_attempt_no_key UNIQUE (org_id, cleanup_id, attempt_no),
  constraint cleanup_attempts_org_id_cleanup_id_fkey FOREIGN KEY (org_id, cleanup_id) REFERENCES cleanups(org_id, cleanup_id),
  constraint cleanup_attempts_org_id_run_id_fkey FOREIGN KEY (org_id, run_id) REFERENCES runs(org_id, run_id),
  constraint cleanup_attempts_state_check CHECK ((state = ANY (ARRAY['open'::text, 'answered'::text, 'failed'::text, 'indeterminate'::text])))
);
CREATE INDEX cleanup_attempts_by_run ON cleanup_attempts USING btree (org_id, run_id);
CREATE TRIGGER require_cleanup BEFORE INSERT ON cleanup_attempts FOR EACH ROW EXECUTE FUNCTION require_cleanup();
alter table cleanup_attempts enable row level security;
alter table cleanup_attempts force row level security;
create policy by_organization on cleanup_attempts to ordeal_app using ((org_id = current_org())) with check ((org_id = current_org()));
grant insert, select on cleanup_attempts to ordeal_app;
grant update (state, was_sent, failure, failure_detail, retry_after_seconds, response_status, response_headers, response_body, latency_ms, closed_at) on cleanup_attempts to ordeal_app;

create table decision_tokens (
  org_id text not null,
  token_id text not null,
  approval_id text not null,
  member_id text not null,
  issued_by text not null,
  verdict text not null,
  comment text,
  expires_at timestamp with time zone not null,
  issued_at timestamp with time zone default now() not null,
  used_at timestamp with time zone,
  constraint decision_tokens_pkey PRIMARY KEY (org_id, token_id),
  constraint decision_tokens_org_id_approval_id_fkey FOREIGN KEY (org_id, approval_id) REFERENCES approvals(org_id, approval_id),
  constraint decision_tokens_org_id_member_id_fkey FOREIGN KEY (org_id, member_id) REFERENCES members(org_id, member_id),
  constraint decision_tokens_verdict_check CHECK ((verdict = ANY (ARRAY['approve'::text, 'reject'::text])))
);
CREATE INDEX decision_tokens_by_approval ON decision_tokens USING btree (org_id, approval_id);
CREATE INDEX decision_tokens_by_member ON decision_tokens USING btree (org_id, member_id);
alter table decision_tokens enable row level security;
alter table decision_tokens force row level security;
create policy by_organization on decision_tokens to ordeal_app using ((org_id = current_org())) with check ((org_id = current_org()));
grant insert, select on decision_tokens to ordeal_app;
grant update (used_at) on decision_tokens to ordeal_app;

create table judge_opinions (
  org_id text not null,
  run_id text not null,
  step_id text not null,
  variant_no integer not null,
  criterion text not null,
  framing_version integer not null,
  said text,
  confidence double precision,
  rationale text,
  quotes jsonb default '[]'::jsonb not null,
  model text,
  failure text,
  failure_detail text,
  created_at timestamp with time zone default now() not null,
  constraint judge_opinions_pkey PRIMARY KEY (org_id, run_id, step_id, variant_no),
  constraint judge_opinions_org_id_run_id_step_id_variant_no_fkey FOREIGN KEY (org_id, run_id, step_id, variant_no) REFERENCES probes(org_id, run_id, step_id, variant_no),
  constraint judge_opinions_check CHECK (((said IS NULL) = (failure IS NOT NULL))),
  constraint judge_opinions_confidence_check CHECK (((confidence >= (0)::double precision) AND (confidence <= (1)::double precision))),
  constraint judge_opinions_said_check CHECK ((said = ANY (ARRAY['violated'::text, 'held'::text, 'unclear'::text])))
);
alter table judge_opinions enable row level security;
alter table judge_opinions force row level security;
create policy by_organization on judge_opinions to ordeal_app using ((org_id = current_org())) with check ((org_id = current_org()));
grant insert, select on judge_opinions to ordeal_app;

create table model_calls (
  org_id text not null,
  call_id text not null,
  purpose text not null,
  run_id text,
  step_id text,
  variant_no integer,
  calibration_id text,
  "position" integer not null,
  model text not null,
  base_url text not null,
  state text default 'open'::text not null,
  tokens_reserved integer not null,
  failure text,
  failure_detail text,
  served_model text,
  tokens_in integer,
  tokens_out integer,
  cost_micros bigint,
  is_estimated boolean default false not null,
  latency_ms integer,
  opened_at timestamp with time zone default now() not null,
  closed_at timestamp with time zone,
  constraint model_calls_pkey PRIMARY KEY (org_id, call_id),
  constraint model_calls_org_id_calibration_id_fkey FOREIGN KEY (org_id, calibration_id) REFERENCES judge_calibrations(org_id, calibration_id),
  constraint model_calls_org_id_fkey FOREIGN KEY (org_id) REFERENCES organizations(org_id),
  constraint model_calls_org_id_run_id_fkey FOREIGN KEY (org_id, run_id) REFERENCES runs(org_id, run_id),
  constraint model_calls_org_id_run_id_step_id_variant_no_fkey FOREIGN KEY (org_id, run_id, step_id, variant_no) REFERENCES probes(org_id, run_id, step_id, variant_no),
  constraint model_calls_check CHECK (((state = 'open'::text) = (closed_at IS NULL))),
  constraint model_calls_position_check CHECK (("position" >= 1)),
  constraint model_calls_purpose_check CHECK ((purpose = ANY (ARRAY['judge'::text, 'attacker'::text, 'generator'::text]))),
  constraint model_calls_state_check CHECK ((state = ANY (ARRAY['open'::text, 'answered'::text, 'failed'::text])))
) with (fillfactor=50);
CREATE INDEX model_calls_by_calibration ON model_calls USING btree (org_id, calibration_id) WHERE (calibration_id IS NOT NULL);
CREATE INDEX model_calls_by_probe ON model_calls USING btree (org_id, run_id, step_id, variant_no) WHERE (run_id IS NOT NULL);
CREATE INDEX model_calls_by_time ON model_calls USING btree (org_id, opened_at);
alter table model_calls enable row level security;
alter table model_calls force row level security;
create policy by_organization on model_calls to ordeal_app using ((org_id = current_org())) with check ((org_id = current_org()));
grant insert, select on model_calls to ordeal_app;
grant update (state, failure, failure_detail, served_model, tokens_in, tokens_out, cost_micros, is_estimated, latency_ms, closed_at) on model_calls to ordeal_app;

create table planted_documents (
  org_id text not null,
  probe_id text not null,
  run_id text not null,
  name text not null,
  media_type text not null,
  content text not null,
  reads integer default 0 not null,
  planted_at timestamp with time zone default now() not null,
  first_read_at timestamp with time zone,
  constraint planted_documents_pkey PRIMARY KEY (org_id, probe_id),
  constraint planted_documents_org_id_probe_id_fkey FOREIGN KEY (org_id, probe_id) REFERENCES probes(org_id, probe_id),
  constraint planted_documents_org_id_run_id_fkey FOREIGN KEY (org_id, run_id) REFERENCES runs(org_id, run_id)
);
CREATE INDEX planted_documents_by_run ON planted_documents USING btree (org_id, run_id);
alter table planted_documents enable row level security;
alter table planted_documents force row level security;
create policy by_organization on planted_documents to ordeal_app using ((org_id = current_org())) with check ((org_id = current_org()));
grant insert, select on planted_documents to ordeal_app;
grant update (reads, first_read_at) on planted_documents to ordeal_app;

create table run_feed_heads (
  org_id text not null,
  run_id text not null,
  last_seq bigint default 0 not null,
  constraint run_feed_heads_pkey PRIMARY KEY (org_id, run_id),
  constraint run_feed_heads_org_id_run_id_fkey FOREIGN KEY (org_id, run_id) REFERENCES runs(org_id, run_id)
) with (fillfactor=20);
alter table run_feed_heads enable row level security;
alter table run_feed_heads force row level security;
create policy by_organization on run_feed_heads to ordeal_app using ((org_id = current_org())) with check ((org_id = current_org()));
grant insert, select on run_feed_heads to ordeal_app;
grant update (last_seq) on run_feed_heads to ordeal_app;

create table run_feed (
  org_id text not null,
  run_id text not null,
  seq bigint not null,
  type text not null,
  data jsonb not null,
  at timestamp with time zone default now() not null,
  constraint run_feed_pkey PRIMARY KEY (org_id, run_id, seq),
  constraint run_feed_org_id_run_id_fkey FOREIGN KEY (org_id, run_id) REFERENCES run_feed_heads(org_id, run_id)
);
alter table run_feed enable row level security;
alter table run_feed force row level security;
create policy by_organization on run_feed to ordeal_app using ((org_id = current_org())) with check ((org_id = current_org()));
grant insert, select on run_feed to ordeal_app;

create table run_paces (
  org_id text not null,
  run_id text not null,
  next_at timestamp with time zone not null,
  constraint run_paces_pkey PRIMARY KEY (org_id, run_id),
  constraint run_paces_org_id_run_id_fkey FOREIGN KEY (org_id, run_id) REFERENCES runs(org_id, run_id)
) with (fillfactor=50);
alter table run_paces enable row level security;
alter table run_paces force row level security;
create policy by_organization on run_paces to ordeal_app using ((org_id = current_org())) with check ((org_id = current_org()));
grant insert, select, update on run_paces to ordeal_app;

create table run_usage (
  org_id text not null,
  run_id text not null,
  events bigint default 0 not null,
  bytes bigint default 0 not null,
  created_at timestamp with time zone default now() not null,
  constraint run_usage_pkey PRIMARY KEY (org_id, run_id),
  constraint run_usage_org_id_run_id_fkey FOREIGN KEY (org_id, run_id) REFERENCES runs(org_id, run_id)
) with (fillfactor=50);
CREATE INDEX run_usage_by_time ON run_usage USING btree (org_id, created_at);
alter table run_usage enable row level security;
alter table run_usage force row level security;
create policy by_organization on run_usage to ordeal_app using ((org_id = current_org())) with check ((org_id = current_org()));
grant insert, select on run_usage to ordeal_app;
grant update (events, bytes) on run_usage to ordeal_app;

create table schedule_firings (
  org_id text not null,
  schedule_id text not null,
  scheduled_for timestamp with time zone not null,
  result text not null,
  run_id text,
  failure text,
  detail text,
  fired_at timestamp with time zone default now() not null,
  constraint schedule_firings_pkey PRIMARY KEY (org_id, schedule_id, scheduled_for),
  constraint schedule_firings_org_id_run_id_fkey FOREIGN KEY (org_id, run_id) REFERENCES runs(org_id, run_id),
  constraint schedule_firings_org_id_schedule_id_fkey FOREIGN KEY (org_id, schedule_id) REFERENCES schedules(org_id, schedule_id),
  constraint schedule_firings_check CHECK (((result = 'started'::text) = (run_id IS NOT NULL))),
  constraint schedule_firings_result_check CHECK ((result = ANY (ARRAY['started'::text, 'refused'::text])))
);
CREATE INDEX schedule_firings_by_run ON schedule_firings USING btree (org_id, run_id) WHERE (run_id IS NOT NULL);
alter table schedule_firings enable row level security;
alter table schedule_firings force row level security;
create policy by_organization on schedule_firings to ordeal_app using ((org_id = current_org())) with check ((org_id = current_org()));
grant insert, select on schedule_firings to ordeal_app;

create table sidecar_tokens (
  org_id text not null,
  token_id text not null,
  target_id text not null,
  secret_hash text not null,
  sealed_signing_key text not null,
  created_at timestamp with time zone default now() not null,
  revoked_at timestamp with time zone,
  name text,
  constraint sidecar_tokens_pkey PRIMARY KEY (org_id, token_id),
  constraint sidecar_tokens_org_id_target_id_fkey FOREIGN KEY (org_id, target_id) REFERENCES targets(org_id, target_id)
);
CREATE INDEX sidecar_tokens_by_target ON sidecar_tokens USING btree (org_id, target_id, token_id);
alter table sidecar_tokens enable row level security;
alter table sidecar_tokens force row level security;
create policy by_organization on sidecar_tokens to ordeal_app using ((org_id = current_org())) with check ((org_id = current_org()));
grant insert, select on sidecar_tokens to ordeal_app;
grant update (sealed_signing_key, revoked_at) on sidecar_tokens to ordeal_app;

create table events (
  org_id text not null,
  token_id text not null,
  event_id text not null,
  target_id text not null,
  stream text not null,
  sequence bigint not null,
  type text not null,
  probe_id text,
  tool jsonb,
  is_truncated boolean default false not null,
  occurred_at timestamp with time zone not null,
  received_at timestamp with time zone default now() not null,
  constraint events_pkey PRIMARY KEY (org_id, token_id, event_id),
  constraint events_org_id_token_id_fkey FOREIGN KEY (org_id, token_id) REFERENCES sidecar_tokens(org_id, token_id),
  constraint events_sequence_check CHECK ((sequence >= 1)),
  constraint events_type_check CHECK ((type = ANY (ARRAY['turn_started'::text, 'tool_call'::text, 'turn_ended'::text])))
);
CREATE INDEX events_by_probe ON events USING btree (org_id, probe_id) WHERE (probe_id IS NOT NULL);
CREATE UNIQUE INDEX events_by_stream ON events USING btree (org_id, token_id, stream, sequence);
alter table events enable row level security;
alter table events force row level security;
create policy by_organization on events to ordeal_app using ((org_id = current_org())) with check ((org_id = current_org()));
grant insert, select on events to ordeal_app;

create table target_sessions (
  org_id text not null,
  run_id text not null,
  sequence_no integer not null,
  session_id text,
  session_no integer default 1 not null,
  constraint target_sessions_pkey PRIMARY KEY (org_id, run_id, sequence_no),
  constraint target_sessions_org_id_run_id_fkey FOREIGN KEY (org_id, run_id) REFERENCES runs(org_id, run_id),
  constraint target_sessions_session_no_check CHECK ((session_no >= 1))
);
alter table target_sessions enable row level security;
alter table target_sessions force row level security;
create policy by_organization on target_sessions to ordeal_app using ((org_id = current_org())) with check ((org_id = current_org()));
grant insert, select on target_sessions to ordeal_app;
grant update (session_id, session_no) on target_sessions to ordeal_app;

create table usage_counters (
  org_id text not null,
  counter text not null,
  period text not null,
  used bigint not null,
  constraint usage_counters_pkey PRIMARY KEY (org_id, counter, period),
  constraint usage_counters_org_id_fkey FOREIGN KEY (org_id) REFERENCES organizations(org_id),
  constraint usage_counters_counter_check CHECK ((counter = ANY (ARRAY['projects'::text, 'concurrent_runs'::text, 'runs_by_day'::text, 'runs_by_month'::text, 'events_by_day'::text, 'event_bytes_by_day'::text]))),
  constraint usage_counters_used_check CHECK ((used >= 0))
) with (fillfactor=50);
alter table usage_counters enable row level security;
alter table usage_counters force row level security;
create policy by_organization on usage_counters to ordeal_app using ((org_id = current_org())) with check ((org_id = current_org()));
grant insert, select on usage_counters to ordeal_app;
grant update (used) on usage_counters to ordeal_app;

create table webhooks (
  org_id text not null,
  webhook_id text not null,
  project_id text,
  url text not null,
  events text[] not null,
  sealed_secret text,
  sealed_previous_secret text,
  previous_secret_until timestamp with time zone,
  created_by text not null,
  created_at timestamp with time zone default now() not null,
  disabled_at timestamp with time zone,
  disabled_by text,
  removed_at timestamp with time zone,
  constraint webhooks_pkey PRIMARY KEY (org_id, webhook_id),
  constraint webhooks_org_id_fkey FOREIGN KEY (org_id) REFERENCES organizations(org_id),
  constraint webhooks_org_id_project_id_fkey FOREIGN KEY (org_id, project_id) REFERENCES projects(org_id, project_id),
  constraint webhooks_check CHECK (((sealed_secret IS NULL) = (removed_at IS NOT NULL))),
  constraint webhooks_check1 CHECK (((sealed_previous_secret IS NULL) = (previous_secret_until IS NULL))),
  constraint webhooks_check2 CHECK (((disabled_at IS NULL) = (disabled_by IS NULL))),
  constraint webhooks_events_check CHECK ((cardinality(events) >= 1)),
  constraint webhooks_url_check CHECK ((length(url) <= 2000))
);
CREATE INDEX webhooks_by_project ON webhooks USING btree (org_id, project_id);
alter table webhooks enable row level security;
alter table webhooks force row level security;
create policy by_organization on webhooks to ordeal_app using ((org_id = current_org())) with check ((org_id = current_org()));
create policy owner_claims_webhooks on webhooks to ordeal_owner using (true) with check (true);
grant delete, insert, select on webhooks to ordeal_app;
grant update (url, events, sealed_secret, sealed_previous_secret, previous_secret_until, disabled_at, disabled_by, removed_at) on webhooks to ordeal_app;

create table webhook_deliveries (
  org_id text not null,
  delivery_id text not null,
  webhook_id text not null,
  event text not null,
  approval_id text,
  body text not null,
  status text default 'pending'::text not null,
  attempts integer default 0 not null,
  claim_no integer default 0 not null,
  next_attempt_at timestamp with time zone default now() not null,
  leased_until timestamp with time zone,
  last_attempt_at timestamp with time zone,
  response_status integer,
  failure text,
  created_at timestamp with time zone default now() not null,
  ended_at timestamp with time zone,
  constraint webhook_deliveries_pkey PRIMARY KEY (org_id, delivery_id),
  constraint webhook_deliveries_org_id_approval_id_fkey FOREIGN KEY (org_id, approval_id) REFERENCES approvals(org_id, approval_id),
  constraint webhook_deliveries_org_id_webhook_id_fkey FOREIGN KEY (org_id, webhook_id) REFERENCES webhooks(org_id, webhook_id),
  constraint webhook_deliveries_attempts_check CHECK ((attempts >= 0)),
  constraint webhook_deliveries_body_check CHECK ((octet_length(body) <= 16384)),
  constraint webhook_deliveries_check CHECK (((status = 'pending'::text) = (ended_at IS NULL))),
  constraint webhook_deliveries_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'delivered'::text, 'failed'::text])))
);
CREATE INDEX webhook_deliveries_by_approval ON webhook_deliveries USING btree (org_id, approval_id) WHERE (approval_id IS NOT NULL);
CREATE INDEX webhook_deliveries_by_webhook ON webhook_deliveries USING btree (org_id, webhook_id, delivery_id);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries USING btree (next_attempt_at) WHERE (status = 'pending'::text);
CREATE INDEX webhook_deliveries_ended ON webhook_deliveries USING btree (org_id, ended_at) WHERE (status <> 'pending'::text);
CREATE INDEX webhook_deliveries_failed ON webhook_deliveries USING btree (org_id, webhook_id, delivery_id) WHERE (status = 'failed'::text);
CREATE INDEX webhook_deliveries_pending ON webhook_deliveries USING btree (org_id, webhook_id, next_attempt_at) WHERE (status = 'pending'::text);
alter table webhook_deliveries enable row level security;
alter table webhook_deliveries force row level security;
create policy by_organization on webhook_deliveries to ordeal_app using ((org_id = current_org())) with check ((org_id = current_org()));
create policy owner_claims_deliveries on webhook_deliveries to ordeal_owner using (true) with check (true);
grant delete, insert, select on webhook_deliveries to ordeal_app;
grant update (status, attempts, next_attempt_at, leased_until, last_attempt_at, response_status, failure, ended_at) on webhook_deliveries to ordeal_app;
