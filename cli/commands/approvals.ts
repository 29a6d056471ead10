import { Argument, Option, type Command } from 'commander';

import { approvalDetailSchema, approvalSchema, decisionTokenSchema } from '../../contracts/approval.ts';
import { delegationSchema } from '../../contracts/delegation.ts';
import { memberSchema } from '../../contracts/member.ts';
import { approvalStatuses, approvalVerdicts, type ApprovalStatus, type ApprovalVerdict } from '../../domain/approvals/approval.ts';
import { approvalTable, approvalText } from '../approval-view.ts';
import type { CommandContext } from '../command-context.ts';
import { idArgument } from '../id-argument.ts';
import { runIdArgument } from '../run-id-argument.ts';
import { localTime } from '../local-time.ts';
import { printable } from '../printable.ts';
import { addDelegationCommands } from './delegations.ts';

interface CommentFlag {
  readonly comment?: string;
}

const approvalArgument = idArgument('approval', '`ordeal approvals` lists them');

export function addApprovalsCommand(program: Command, context: CommandContext): void {
  const approvals = program.command('approvals').description('What waits for a person before it is sent, and decisions about it.');
  addReading(approvals, context);
  approvals
    .command('approve')
    .argument('<approval>', 'its id', approvalArgument)
    .description('Approves, in your name, exactly what `show` shows.')
    .option('--comment <text>', 'why')
    .action((approvalId: string, flags: CommentFlag) => decide(context, approvalId, { verdict: 'approve', ...flags }));
  approvals
    .command('reject')
    .argument('<approval>', 'its id', approvalArgument)
    .description('Rejects, in your name: it is not sent.')
    .requiredOption('--comment <text>', 'why')
    .action((approvalId: string, flags: CommentFlag) => decide(context, approvalId, { verdict: 'reject', ...flags }));
  approvals
    .command('token')
    .argument('<approval>', 'its id', approvalArgument)
    .addArgument(new Argument('<verdict>', 'what it decides').choices(approvalVerdicts))
    .description('Prints a token that decides once, in the line that sends it with the Temporal CLI.')
    .option('--comment <text>', 'why; a rejection needs it')
    .action((approvalId: string, verdict: ApprovalVerdict, flags: CommentFlag) => printToken(context, approvalId, { verdict, ...flags }));
  addDelegationCommands(approvals, context);
}

function addReading(approvals: Command, context: CommandContext): void {
  approvals
    .command('list', { isDefault: true })
    .description('Lists requests to approve, the newest first.')
    .addOption(new Option('--status <status>', 'in which state').choices(approvalStatuses).default('pending'))
    .option('--run <run>', 'of one run', runIdArgument)
    .option('--json', 'as JSON')
    .action(async ({ status, run, json }: { readonly status: ApprovalStatus; readonly run?: string; readonly json?: true }) => {
      const query = new URLSearchParams({ status, ...(run === undefined ? {} : { runId: run }) });
      const found = await context.api().list(`/api/approvals?${query.toString()}`, approvalSchema);
      context.print(json === true ? `${JSON.stringify(found, null, 2)}\n` : approvalTable(found, Date.now()));
    });
  approvals
    .command('show')
    .argument('<approval>', 'its id', approvalArgument)
    .description('Shows exactly what would be sent, why it is risky, who may decide until when, and what was decided.')
    .option('--json', 'as JSON')
    .action(async (approvalId: string, { json }: { readonly json?: true }) => {
      const found = await context.api().get(pathOf(approvalId), approvalDetailSchema);
      if (json === true) return context.print(`${JSON.stringify(found, null, 2)}\n`);
      const members = await context.api().list('/api/members', memberSchema);
      const delegations = await context.api().list('/api/delegations?standing=true', delegationSchema);
      context.print(approvalText(found, { members, delegations }, Date.now()));
    });
}

interface Decision {
  readonly verdict: ApprovalVerdict;
  readonly comment?: string;
}

async function decide(context: CommandContext, approvalId: string, decision: Decision): Promise<void> {
  const { status, quorum } = await context.api().post(`${pathOf(approvalId)}/decisions`, approvalDetailSchema, decision);
  const what = status === 'pending' ? `your approval counts, and it waits for others: ${quorum} have to approve` : status;
  context.print(printable(`${approvalId}: ${what}\n`));
}

async function printToken(context: CommandContext, approvalId: string, decision: Decision): Promise<void> {
  const { token, workflowId, expiresAt } = await context.api().post(`${pathOf(approvalId)}/tokens`, decisionTokenSchema, decision);
  context.print(`temporal workflow signal --workflow-id ${workflowId} --name decideApproval --input '"${token}"'\n`);
  context.stderr.write(`\nGood once, until ${localTime(expiresAt)}. Whoever has this line decides in your name.\n`);
}

function pathOf(approvalId: string): string {
  return `/api/approvals/${encodeURIComponent(approvalId)}`;
}
