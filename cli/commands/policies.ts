import { readFile } from 'node:fs/promises';

import type { Command } from 'commander';

import { policyCheckResultSchema, policySchema } from '../../contracts/policy.ts';
import { OrdealError } from '../../domain/failures.ts';
import type { CommandContext } from '../command-context.ts';
import { findProject } from '../find-project.ts';
import { planDecisionLine } from '../plan-decision.ts';
import { textTable } from '../text-table.ts';

export function addPoliciesCommand(program: Command, context: CommandContext): void {
  const policies = program.command('policies').description('Which requests are sent, refused, or wait for people.');
  policies
    .command('list', { isDefault: true })
    .description('Shows the policies as they are now, as JSON.')
    .action(async () => context.print(`${JSON.stringify(await context.api().list('/api/policies', policySchema), null, 2)}\n`));
  policies
    .command('set <file>')
    .description('Sets the policy of the organization, or of one project, from a JSON file.')
    .option('--project <project>', 'id or name')
    .action(async (file: string, { project }: { readonly project?: string }) => {
      const projectId = project === undefined ? null : (await findProject(context.api(), project)).projectId;
      const body = { projectId, document: await readDocument(file) };
      const { policyId, version } = await context.api().post('/api/policies', policySchema, body);
      context.print(`${policyId} is at version ${version}\n`);
    });
  policies
    .command('check <run> [file]')
    .description('Tells what would wait or be refused in the plan of a run, under the policies as they are or under a file.')
    .action(async (runId: string, file: string | undefined) => {
      const body = file === undefined ? {} : { document: await readDocument(file) };
      const path = `/api/runs/${encodeURIComponent(runId)}/policy-check`;
      const check = await context.api().post(path, policyCheckResultSchema, body);
      const rows = check.probes.map(({ probeId, stepId, risk, action, rule }) => [probeId, stepId, risk, action, rule ?? '-']);
      const summary = planDecisionLine(check);
      context.print(rows.length === 0 ? summary : `${summary}\n${textTable([['PROBE', 'STEP', 'RISK', 'ACTION', 'RULE'], ...rows])}`);
    });
}

async function readDocument(file: string): Promise<unknown> {
  const text = await readFile(file, 'utf8');
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new OrdealError('invalid_request', `${file} is not JSON.`, { cause });
  }
}
