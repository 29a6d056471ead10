import type { PlanCheck, Policy } from '../contracts/policy.ts';
import type { PolicyDocument, PolicyRule } from '../domain/policy/policy.ts';
import { localTime } from './local-time.ts';
import { planDecisionLine } from './plan-decision.ts';
import { printable, printableLine } from './printable.ts';
import { textTable } from './text-table.ts';

/** Policies as sentences, in the order in which their rules are tried. */
export function policiesText(policies: readonly Policy[], projectNames: ReadonlyMap<string, string>): string {
  if (policies.length === 0) {
    return 'No policy was set. In a test project everything is sent; elsewhere what is of low risk, and the rest waits for one approval.\n';
  }
  const inOrder = policies.toSorted((a, b) => Number(a.projectId === null) - Number(b.projectId === null));
  return printable(inOrder.map((policy) => policyText(policy, projectNames)).join('\n'));
}

function policyText({ policyId, projectId, version, document, createdAt }: Policy, projectNames: ReadonlyMap<string, string>): string {
  const scope = projectId === null ? 'The organization' : `Project ${projectNames.get(projectId) ?? projectId}`;
  const heading = printableLine(`${scope}: ${policyId}, version ${version} of ${localTime(createdAt)}`);
  return [heading, ...documentLines(document), ''].join('\n');
}

function documentLines({ rules, runApproval }: PolicyDocument): string[] {
  const lines = rules.map((rule, index) => printableLine(`  ${index + 1}. "${rule.name}": ${outcomeOf(rule)}, ${conditionOf(rule)}`));
  return runApproval === undefined ? lines : [...lines, `  A run waits as a whole from risk ${runApproval.atLeast} on.`];
}

function outcomeOf({ action, quorum = 1, expiresInHours }: PolicyRule): string {
  if (action !== 'approve') return action;
  const people = quorum === 1 ? 'one person' : `${quorum} people`;
  return `approve by ${people}${expiresInHours === undefined ? '' : ` within ${expiresInHours} h`}`;
}

function conditionOf({ when }: PolicyRule): string {
  const parts = Object.entries(when).map(([what, values]) => `${what} ${values.join(' or ')}`);
  return parts.length === 0 ? 'whatever comes here' : `when ${parts.join(' and ')}`;
}

/** What a policy makes of a plan. */
export function policyCheckText(check: PlanCheck): string {
  const rows = check.probes.map(({ probeId, stepId, risk, riskRules, action, rule }) => [
    probeId,
    stepId,
    risk,
    [...new Set(riskRules)].join(' '),
    action,
    rule ?? '-',
  ]);
  const summary = planDecisionLine(check);
  return rows.length === 0 ? summary : `${summary}\n${textTable([['PROBE', 'STEP', 'RISK', 'BECAUSE OF', 'ACTION', 'RULE'], ...rows])}`;
}
