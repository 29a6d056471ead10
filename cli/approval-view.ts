import type { Approval, ApprovalDetail } from '../contracts/approval.ts';
import type { Delegation } from '../contracts/delegation.ts';
import type { Member } from '../contracts/member.ts';
import { describeDecision, nameDecider } from '../domain/approvals/approval.ts';
import type { ShownRequest } from '../domain/approvals/approval-preview.ts';
import { mayHold } from '../domain/roles.ts';
import { localTime, localTimeAndDistance } from './local-time.ts';
import { printable, printableLine } from './printable.ts';
import { textTable } from './text-table.ts';

/** Whom decisions are about and by. */
export interface People {
  readonly members: readonly Member[];
  /** Those that hold now or will. */
  readonly delegations: readonly Delegation[];
}

/** Requests to approve, as a table. */
export function approvalTable(approvals: readonly Approval[], nowMs: number): string {
  if (approvals.length === 0) return 'Nothing.\n';
  const rows = approvals.map(({ approvalId, risk, status, expiresAt, target, stepId, title }) => [
    approvalId,
    risk,
    status,
    status === 'pending' ? localTimeAndDistance(expiresAt, nowMs) : '-',
    target,
    stepId === null ? title : `${stepId} ${title}`,
  ]);
  return textTable([['APPROVAL', 'RISK', 'STATUS', 'UNTIL', 'TARGET', 'WHAT'], ...rows]);
}

/** One request, with all that a person needs in order to decide: what, why, by whom, until when, and exactly what would be sent. */
export function approvalText(approval: ApprovalDetail, people: People, nowMs: number): string {
  const { approvalId, risk, preview, riskMatches, decisions } = approval;
  const sections = [
    [`${approvalId}: ${statusLine(approval, nowMs)}`, ...factLines(approval), ...peopleLines(approval, people)],
    [`Risk: ${risk}`, ...riskLines(riskMatches)],
    ...(decisions.length === 0 ? [] : [['Decisions so far:', ...decisions.map((decision) => `  ${decisionLine(decision, people)}`)]]),
    ...(preview.kind === 'run' ? [runLines(preview)] : exchangeSections(preview)),
    ...(approval.status === 'pending' ? [hintLines(approvalId)] : []),
  ];
  return printable(`${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`);
}

/** What matches before and after its variables are filled in is told once. */
function riskLines(matches: ApprovalDetail['riskMatches']): string[] {
  const lines = matches.map(
    ({ level, title, rule, where, span, excerpt }) =>
      `  ${level.padEnd('critical'.length)}  ${title} (${rule}), in ${where}${placeOf(span)}: ${excerpt}`,
  );
  return [...new Set(lines)];
}

function statusLine({ status, quorum, expiresAt, decidedBy, decidedFor, decidedAt, decisions }: ApprovalDetail, nowMs: number): string {
  if (status !== 'pending') {
    return `${status} since ${localTime(decidedAt ?? expiresAt)}. ${describeDecision(status, nameDecider(decidedBy, decidedFor))}`;
  }
  const agreed = decisions.filter(({ effect }) => effect === 'counted').length;
  const people = quorum === 1 ? 'one approval is needed' : `${agreed} of ${quorum} approvals`;
  return `pending until ${localTimeAndDistance(expiresAt, nowMs)}, ${people}`;
}

function factLines({ target, environment, runId, preview, policyRule, payloadHash }: ApprovalDetail): string[] {
  const rule = policyRule === null ? 'every run in production' : `the rule "${policyRule.name}"${ofPolicy(policyRule)}`;
  return [
    `  target   ${target} (${environment})`,
    ...(preview.kind === 'run'
      ? []
      : [`  step     ${preview.title}, of script ${preview.script} (${preview.category}, ${preview.strategy})`]),
    `  run      ${runId}`,
    `  asked by ${rule}`,
    `  SHA-256  ${payloadHash}`,
  ].map(printableLine);
}

function ofPolicy({ policyId, version }: { readonly policyId: string | null; readonly version: number }): string {
  return policyId === null ? ' of the built-in policy' : ` of ${policyId}, version ${version}`;
}

/** Who may decide, as far as roles and delegations say today; what counts is what holds when somebody does. */
function peopleLines({ status, excludedMembers, projectId }: ApprovalDetail, { members, delegations }: People): string[] {
  if (status !== 'pending') return [];
  const isIn = (memberId: string): boolean => !excludedMembers.includes(memberId);
  const own = members.filter(({ memberId, role, removedAt }) => removedAt === null && mayHold(role, 'approver') && isIn(memberId));
  const lent = delegations.filter(
    ({ state, delegatorId, delegateId, projectId: only }) =>
      state === 'active' &&
      (only === null || only === projectId) &&
      isIn(delegateId) &&
      own.some(({ memberId }) => memberId === delegatorId) &&
      !own.some(({ memberId }) => memberId === delegateId),
  );
  const able = [
    ...own.map(({ memberId }) => nameOf(memberId, members)),
    ...lent.map(({ delegateId, delegatorId }) => `${nameOf(delegateId, members)} for ${nameOf(delegatorId, members)}`),
  ];
  return [
    `  may decide      ${able.length === 0 ? 'nobody: add a member who may approve' : able.join(', ')}`,
    `  have no say     ${excludedMembers.length === 0 ? 'nobody is excluded' : `${excludedMembers.map((memberId) => nameOf(memberId, members)).join(', ')}: they asked for this, or edited it`}`,
  ].map(printableLine);
}

function nameOf(memberId: string, members: readonly Member[]): string {
  const member = members.find((one) => one.memberId === memberId);
  return member === undefined ? memberId : `${member.name} (${memberId})`;
}

function placeOf(span: readonly [number, number] | null): string {
  return span === null ? '' : ` at ${span[0]} to ${span[1]}`;
}

function decisionLine(
  { memberId, forMemberId, verdict, effect, comment }: ApprovalDetail['decisions'][number],
  { members }: People,
): string {
  const who = `${nameOf(memberId, members)}${forMemberId === null ? '' : ` for ${nameOf(forMemberId, members)}`}`;
  return printableLine(`${who}: ${verdict}${effect === 'counted' ? '' : ` (${effect})`}${comment === null ? '' : `, "${comment}"`}`);
}

function runLines({ scripts, probes }: Extract<ApprovalDetail['preview'], { kind: 'run' }>): string[] {
  return ['What would be let start:', `  the run as a whole, ${probes} probes of ${scripts.join(', ')}`];
}

/** The request as it goes over the wire, and what of it is prose once more so that it can be read. */
function exchangeSections({
  method,
  url,
  headers,
  body,
  prompt,
  document,
  cleanup,
}: Extract<ApprovalDetail['preview'], { kind: 'exchange' }>): string[][] {
  return [
    ['Exactly this would be sent, with the credential of the target:'],
    [`  ${method} ${url}`, ...Object.entries(headers).map(([name, value]) => `  ${name}: ${value}`)],
    ...(body === null ? [] : [[indented(body)]]),
    ...(prompt === null || prompt === body ? [] : [['The agent is told:'], [indented(prompt)]]),
    ...(document === null ? [] : [['The agent is to find this document:'], [indented(document)]]),
    ...(cleanup === null ? [] : cleanupSections(cleanup)),
  ];
}

function cleanupSections({ method, url, headers, body }: ShownRequest): string[][] {
  return [
    ['When the run ends, this would be sent to clean up after it:'],
    [`  ${method} ${url}`, ...Object.entries(headers).map(([name, value]) => `  ${name}: ${value}`)],
    ...(body === null ? [] : [[indented(body)]]),
  ];
}

function indented(text: string): string {
  return text
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');
}

function hintLines(approvalId: string): string[] {
  return [`ordeal approvals approve ${approvalId}`, `ordeal approvals reject ${approvalId} --comment "why not"`];
}
