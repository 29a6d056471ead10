/**
 * Branded, prefixed identifiers. The prefix says what an id names wherever it turns up: a log line, a URL, a
 * Temporal workflow id. `runtime/new-id.ts` makes them; this file only knows their shape.
 */
declare const brand: unique symbol;

export type Id<Prefix extends string> = string & { readonly [brand]: Prefix };

export const idPrefixes = {
  organization: 'org',
  project: 'prj',
  target: 'tgt',
  script: 'scr',
  run: 'run',
  probe: 'prb',
  attempt: 'att',
  finding: 'fnd',
  member: 'mbr',
  confirmation: 'cnf',
  schedule: 'sch',
  apiKey: 'key',
  sidecarToken: 'sct',
  audit: 'aud',
  modelCall: 'mdc',
  calibration: 'cal',
  library: 'lib',
  approval: 'apv',
  decision: 'dec',
  decisionToken: 'dtk',
  delegation: 'dlg',
  policy: 'pol',
  webhook: 'whk',
  delivery: 'dlv',
  cleanup: 'cln',
  cleanupAttempt: 'cat',
} as const;

export type IdKind = keyof typeof idPrefixes;

export type OrgId = Id<'org'>;
export type ProjectId = Id<'prj'>;
export type TargetId = Id<'tgt'>;
export type ScriptId = Id<'scr'>;
export type RunId = Id<'run'>;
export type ProbeId = Id<'prb'>;
export type AttemptId = Id<'att'>;
export type FindingId = Id<'fnd'>;
export type ScheduleId = Id<'sch'>;
export type MemberId = Id<'mbr'>;
export type ApiKeyId = Id<'key'>;
export type SidecarTokenId = Id<'sct'>;
export type CalibrationId = Id<'cal'>;
export type LibraryId = Id<'lib'>;
export type ApprovalId = Id<'apv'>;
export type DecisionId = Id<'dec'>;
export type DecisionTokenId = Id<'dtk'>;
export type DelegationId = Id<'dlg'>;
export type PolicyId = Id<'pol'>;
export type WebhookId = Id<'whk'>;
export type DeliveryId = Id<'dlv'>;
export type CleanupId = Id<'cln'>;
export type CleanupAttemptId = Id<'cat'>;

/** What follows the prefix: 26 characters of Crockford base32 in lower case, ordered by time of creation. */
const suffix = '[0-9a-hjkmnp-tv-z]{26}';

/** The regular expression source of an id of this kind, for validation at the edges. */
export function idPattern(kind: IdKind): string {
  return `^${idPrefixes[kind]}_${suffix}$`;
}

/** The Temporal workflow id of a run: one workflow per run, for ever. */
export function runWorkflowId(runId: RunId): string {
  return `run/${runId}`;
}
