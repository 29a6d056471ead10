import { planPageSchema, type PlanRowView } from '../../contracts/plan.ts';
import { runSchema } from '../../contracts/run.ts';
import { planHash, planRowHash } from '../../domain/generation/plan-hash.ts';
import type { RunId } from '../../domain/ids.ts';
import { sha256Hex } from '../../runtime/sha256.ts';
import type { CommandContext } from '../command-context.ts';
import { exitCodes } from '../exit-codes.ts';
import { planDecisionLine } from '../plan-decision.ts';
import { printable } from '../printable.ts';
import { textTable } from '../text-table.ts';

/** More than a run can have. */
const maxRows = 100_000;

interface PlanFlags {
  readonly json?: true;
  readonly requests?: true;
}

/** Prints the plan of a run and what would wait of it, and checks that its rows are those that were hashed when it was planned. */
export async function showRunPlan(context: CommandContext, runId: RunId, { json, requests }: PlanFlags): Promise<void> {
  const api = context.api();
  const run = await api.get(`/api/runs/${runId}`, runSchema);
  const rows: PlanRowView[] = [];
  let plan = null;
  for await (const page of api.pages(`/api/runs/${runId}/plan`, planPageSchema, maxRows)) {
    rows.push(...page.items);
    plan ??= page.plan;
  }
  const isIntact =
    planHash(
      rows.map((row) => planRowHash(row, sha256Hex)),
      sha256Hex,
    ) === run.planHash;
  if (json === true) {
    context.print(`${JSON.stringify({ planHash: run.planHash, isIntact, plan, rows }, null, 2)}\n`);
  } else {
    const decision = plan === null ? '' : planDecisionLine(plan);
    const hash = `${rows.length} probes, plan hash ${run.planHash}${isIntact ? '' : ', which these rows do not have'}\n`;
    const details = requests === true ? `${rows.map(requestText).join('\n')}\n` : '';
    context.print(`${details}${planTable(rows)}\n${decision}${hash}`);
  }
  if (isIntact) return;
  context.stderr.write(
    'The stored plan is not the one that was hashed when the run was planned: somebody has changed it in the database.\n',
  );
  context.exitWith(exitCodes.findings);
}

function planTable(rows: readonly PlanRowView[]): string {
  const cells = rows.map((row) => [
    row.scriptSlug,
    row.stepId,
    String(row.variantNo),
    row.style,
    row.strategy,
    row.promptSource,
    row.risk?.level ?? '-',
    policyText(row),
    shortened(saidIn(row)),
  ]);
  return textTable([['SCRIPT', 'STEP', 'VARIANT', 'STYLE', 'STRATEGY', 'SOURCE', 'RISK', 'POLICY', 'BEGINS'], ...cells]);
}

function policyText({ policy, later }: PlanRowView): string {
  if (policy === null) return '-';
  const { action, rule, quorum, expiresInHours } = policy;
  const waits = `waits for ${quorum} within ${expiresInHours} h`;
  const words = { allow: 'sent', approve: waits, refuse: 'refused' }[action];
  const waiting = later.approve === 0 ? '' : `; later ones that wait: ${later.approve}`;
  const refused = later.refuse === 0 ? '' : `; later ones that are refused: ${later.refuse}`;
  return `${words} (${rule ?? 'no rule fits'})${waiting}${refused}`;
}

function saidIn({ first }: PlanRowView): string {
  switch (first.kind) {
    case 'request':
      return first.prompt ?? `${first.method} ${first.url} ${first.body ?? ''}`;
    case 'attack':
      return `(an attacker words it) ${first.goal}`;
    case 'nothing':
      return `(nothing is sent) ${first.detail}`;
  }
}

/** The first request of a probe as an approver would read it. */
function requestText(row: PlanRowView): string {
  const { first, risk, later } = row;
  const reasons = (risk?.matches ?? []).map(({ level, title, where, excerpt }) => `  ${level}: ${title}, in ${where}: ${excerpt}`);
  const others = later.exchanges === null ? ['What follows depends on the answers, and is assessed when it is sent.'] : [];
  const turns = later.exchanges ?? 0;
  const more = turns === 0 ? others : [`Requests that follow: ${turns}; each is assessed when it is sent.`];
  const lines = [
    `== ${row.scriptSlug} ${row.stepId} variant ${row.variantNo}: ${row.stepTitle}`,
    `${policyText(row)}, risk ${risk?.level ?? '-'}`,
  ];
  return printable([...lines, ...reasons, '', ...shownFirst(first), ...more, ''].join('\n'));
}

function shownFirst(first: PlanRowView['first']): readonly string[] {
  if (first.kind !== 'request') return [first.kind === 'attack' ? `An attacker model is to reach this goal: ${first.goal}` : first.detail];
  const { method, url, headers, body, prompt, document, isCut, payloadHash, unknown } = first;
  return [
    `${method} ${url}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ...[body ?? prompt].flatMap((said) => (said === null ? [] : ['', said])),
    ...(document === null ? [] : ['', 'The agent is to find this document:', document]),
    ...(isCut ? ['(cut: it is longer)'] : []),
    payloadHash === null ? `Depends on ${unknown.map((part) => unknownWords[part]).join(' and on ')}.` : `SHA-256 ${payloadHash}`,
  ];
}

const unknownWords = { answers: 'what the agent answers before', session_id: 'the session id that the agent gives' } as const;

const shownLength = 60;

function shortened(text: string): string {
  const line = text.slice(0, 500).replace(/\s+/g, ' ').trim();
  return line.length > shownLength ? `${line.slice(0, shownLength - 1).toWellFormed()}…` : line;
}
