import { Option, type Command } from 'commander';

import { approvalDetailSchema, approvalSchema, decisionTokenSchema, type Approval, type ApprovalDetail } from '../../contracts/approval.ts';
import { approvalStatuses, approvalVerdicts, type ApprovalStatus, type ApprovalVerdict } from '../../domain/approvals/approval.ts';
import type { CommandContext } from '../command-context.ts';
import { printable } from '../printable.ts';
import { textTable } from '../text-table.ts';

interface CommentFlag {
  readonly comment?: string;
}

export function addApprovalsCommand(program: Command, context: CommandContext): void {
  const approvals = program.command('approvals').description('What waits for a person before it is sent, and decisions about it.');
  approvals
    .command('list', { isDefault: true })
    .description('Lists requests to approve, the newest first.')
    .addOption(new Option('--status <status>', 'in which state').choices(approvalStatuses).default('pending'))
    .option('--run <run>', 'of one run')
    .option('--json', 'as JSON')
    .action(async ({ status, run, json }: { readonly status: ApprovalStatus; readonly run?: string; readonly json?: true }) => {
      const query = new URLSearchParams({ status, ...(run === undefined ? {} : { runId: run }) });
      const found = await context.api().list(`/api/approvals?${query.toString()}`, approvalSchema);
      context.print(json === true ? `${JSON.stringify(found, null, 2)}\n` : inbox(found));
    });
  approvals
    .command('show <approval>')
    .description('Shows exactly what would be sent, why it is risky, and what was decided.')
    .option('--json', 'as JSON')
    .action(async (approvalId: string, { json }: { readonly json?: true }) => {
      const found = await context.api().get(pathOf(approvalId), approvalDetailSchema);
      context.print(json === true ? `${JSON.stringify(found, null, 2)}\n` : detailText(found));
    });
  approvals
    .command('approve <approval>')
    .description('Approves, in your name, exactly what `show` shows.')
    .option('--comment <text>', 'why')
    .action((approvalId: string, flags: CommentFlag) => decide(context, approvalId, { verdict: 'approve', ...flags }));
  approvals
    .command('reject <approval>')
    .description('Rejects, in your name: it is not sent.')
    .requiredOption('--comment <text>', 'why')
    .action((approvalId: string, flags: CommentFlag) => decide(context, approvalId, { verdict: 'reject', ...flags }));
  approvals
    .command('token <approval> <verdict>')
    .description(`Prints a token that decides once (${approvalVerdicts.join(' or ')}), and how to send it with the Temporal CLI.`)
    .option('--comment <text>', 'why; a rejection needs it')
    .action(async (approvalId: string, verdict: string, { comment }: CommentFlag) => {
      const { token, workflowId, expiresAt } = await context
        .api()
        .post(`${pathOf(approvalId)}/tokens`, decisionTokenSchema, { verdict, comment });
      const line = `temporal workflow signal --workflow-id ${workflowId} --name decideApproval --input '"${token}"'`;
      context.print(`${line}\n\nGood until ${expiresAt}, once.\n`);
    });
}

async function decide(
  context: CommandContext,
  approvalId: string,
  decision: { readonly verdict: ApprovalVerdict; readonly comment?: string },
): Promise<void> {
  const { status } = await context.api().post(`${pathOf(approvalId)}/decisions`, approvalDetailSchema, decision);
  const rest = status === 'pending' ? 'your approval counts, and it waits for others' : status;
  context.print(printable(`${approvalId}: ${rest}\n`));
}

function pathOf(approvalId: string): string {
  return `/api/approvals/${encodeURIComponent(approvalId)}`;
}

function inbox(approvals: readonly Approval[]): string {
  if (approvals.length === 0) return 'Nothing.\n';
  const rows = approvals.map(({ approvalId, risk, status, expiresAt, target, stepId, title }) => [
    approvalId,
    risk,
    status,
    expiresAt,
    target,
    stepId === null ? title : `${stepId} ${title}`,
  ]);
  return textTable([['APPROVAL', 'RISK', 'STATUS', 'UNTIL', 'TARGET', 'WHAT'], ...rows]);
}

function detailText(approval: ApprovalDetail): string {
  const { preview } = approval;
  const reasons = approval.riskMatches.map(({ level, title, where, excerpt }) => `  ${level}: ${title}, in ${where}: ${excerpt}`);
  const decisions = approval.decisions.map(
    ({ memberId, verdict, effect, comment }) => `  ${memberId} ${verdict} (${effect}) ${comment ?? ''}`,
  );
  const what =
    preview.kind === 'run'
      ? [`The run ${approval.runId} as a whole: ${preview.probes} probes of ${preview.scripts.join(', ')}`]
      : [
          `${preview.method} ${preview.url}`,
          ...Object.entries(preview.headers).map(([name, value]) => `${name}: ${value}`),
          '',
          preview.body ?? preview.prompt ?? '',
          ...(preview.document === null ? [] : ['', 'The agent is to find this document:', preview.document]),
        ];
  const lines = [
    `${approval.approvalId}: ${approval.status}, until ${approval.expiresAt}, ${approval.quorum} must approve`,
    `Risk ${approval.risk}, to ${approval.target} (${approval.environment}), SHA-256 ${approval.payloadHash}`,
    ...reasons,
    ...(decisions.length === 0 ? [] : ['Decisions:', ...decisions]),
    '',
    ...what,
  ];
  return printable(`${lines.join('\n')}\n`);
}
