import { InvalidArgumentError, type Command } from 'commander';

import { delegationSchema, type Delegation } from '../../contracts/delegation.ts';
import { maxDelegationDays } from '../../domain/approvals/delegation.ts';
import type { CommandContext } from '../command-context.ts';
import { findProject } from '../find-project.ts';
import { idArgument } from '../id-argument.ts';
import { localTime } from '../local-time.ts';
import { textTable } from '../text-table.ts';

interface DelegateFlags {
  readonly until: string;
  readonly from?: string;
  readonly project?: string;
}

/** `ordeal approvals delegate` and what belongs to it. */
export function addDelegationCommands(approvals: Command, context: CommandContext): void {
  approvals
    .command('delegate')
    .argument('<member>', 'who is to decide in your place', idArgument('member', '`ordeal members` lists them'))
    .description('Lends your right to decide to another member; you both give one vote together.')
    .requiredOption('--until <time>', `such as 2026-12-05T18:00:00Z, at most ${maxDelegationDays} days after it starts`, momentOption)
    .option('--from <time>', 'default: now', momentOption)
    .option('--project <project>', 'id or name; default: every project')
    .action((delegateId: string, flags: DelegateFlags) => delegate(context, delegateId, flags));
  approvals
    .command('delegations')
    .description('Lists who may decide in whose place, the newest first.')
    .option('--all', 'with those that have ended or were revoked')
    .option('--json', 'as JSON')
    .action(async ({ all, json }: { readonly all?: true; readonly json?: true }) => {
      const found = await context.api().list(`/api/delegations?standing=${all === true ? 'false' : 'true'}`, delegationSchema);
      context.print(json === true ? `${JSON.stringify(found, null, 2)}\n` : delegationTable(found));
    });
  approvals
    .command('revoke-delegation')
    .argument('<delegation>', 'its id', idArgument('delegation', '`ordeal approvals delegations` lists them'))
    .description('Takes back a right to decide that was lent, at once.')
    .action(async (delegationId: string) => {
      const path = `/api/delegations/${encodeURIComponent(delegationId)}/revoke`;
      context.print(delegationTable([await context.api().post(path, delegationSchema)]));
    });
}

async function delegate(context: CommandContext, delegateId: string, { until, from, project }: DelegateFlags): Promise<void> {
  const projectId = project === undefined ? undefined : (await findProject(context.api(), project)).projectId;
  const body = { delegateId, projectId, startsAt: from, endsAt: until };
  context.print(delegationTable([await context.api().post('/api/delegations', delegationSchema, body)]));
}

function momentOption(text: string): string {
  const atMs = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(atMs)) throw new InvalidArgumentError('It must be a time such as 2026-12-05T18:00:00Z.');
  return new Date(atMs).toISOString();
}

function delegationTable(delegations: readonly Delegation[]): string {
  if (delegations.length === 0) return 'Nobody decides in the place of somebody else.\n';
  const rows = delegations.map(({ delegationId, state, delegatorId, delegateId, projectId, startsAt, endsAt }) => [
    delegationId,
    state,
    delegatorId,
    delegateId,
    projectId ?? 'every',
    localTime(startsAt),
    localTime(endsAt),
  ]);
  return textTable([['DELEGATION', 'STATE', 'OF', 'TO', 'PROJECT', 'FROM', 'UNTIL'], ...rows]);
}
