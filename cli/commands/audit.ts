import { open } from 'node:fs/promises';

import type { Command } from 'commander';

import { auditAnchorSchema, auditChainPageSchema, auditLogSchema } from '../../contracts/audit-log.ts';
import { OrdealError } from '../../domain/failures.ts';
import { canonicalJson } from '../../runtime/canonical-json.ts';
import { auditExportFormat, type AuditExportLine } from '../../runtime/check-audit-export.ts';
import type { CommandContext } from '../command-context.ts';
import { numberOption } from '../number-option.ts';
import { textTable } from '../text-table.ts';
import { addVerifyAuditCommand } from './verify-audit.ts';

interface ListFlags {
  readonly limit: number;
  readonly json?: true;
  readonly action?: string;
  readonly actor?: string;
  readonly object?: string;
  readonly from?: string;
  readonly to?: string;
}

export function addAuditCommand(program: Command, context: CommandContext): void {
  const audit = program.command('audit').description('Who did what, and proof that nothing was changed since.');
  audit
    .command('list', { isDefault: true })
    .description('Lists audit rows, the newest first.')
    .option('--action <action>', 'such as run.stop; run.* for all that begin so')
    .option('--actor <id>', 'key, sidecar token, or part of Ordeal')
    .option('--object <id>', 'what it was done to')
    .option('--from <time>', 'from this time on, such as 2026-11-21T04:50:00Z')
    .option('--to <time>', 'before this time')
    .option('--limit <n>', 'at most so many', numberOption({ min: 1, max: 10_000, isWhole: true }), 20)
    .option('--json', 'as JSON')
    .action((flags: ListFlags) => listAudit(context, flags));
  audit
    .command('export')
    .description('Writes the whole audit chain into a file that `audit verify` checks without the API.')
    .requiredOption('--out <file>', 'a new file')
    .action(({ out }: { readonly out: string }) => exportAudit(context, out));
  addVerifyAuditCommand(audit, context);
}

async function listAudit(context: CommandContext, flags: ListFlags): Promise<void> {
  const { action, actor, object, from, to } = flags;
  const filters = { action, actor, objectId: object, from, to };
  const query = new URLSearchParams(
    Object.entries(filters).filter((entry): entry is [string, string] => entry[1] !== undefined),
  ).toString();
  const logs = await context.api().list(query === '' ? '/api/audit-logs' : `/api/audit-logs?${query}`, auditLogSchema, flags.limit);
  if (flags.json === true) return context.print(`${JSON.stringify(logs, null, 2)}\n`);
  if (logs.length === 0) return context.print('No audit rows.\n');
  const rows = logs.map(({ at, action: done, actor: by, objectType, objectId }) => [at, done, by, objectType, objectId]);
  context.print(textTable([['TIME', 'ACTION', 'ACTOR', 'TYPE', 'OBJECT'], ...rows]));
}

/** Page by page, up to where the chain ended when the export began. */
async function exportAudit(context: CommandContext, out: string): Promise<void> {
  const api = context.api();
  const head = await api.get('/api/audit-logs/head', auditAnchorSchema);
  const file = await open(out, 'wx').catch((error: unknown) => {
    throw new OrdealError('invalid_request', `${out} cannot be made: ${error instanceof Error ? error.message : 'unknown reason'}`, {
      cause: error,
    });
  });
  try {
    const write = (line: AuditExportLine): Promise<unknown> => file.write(`${canonicalJson(line)}\n`);
    await write({ kind: 'header', format: auditExportFormat, orgId: head.orgId });
    let seq = 0;
    while (seq < head.seq) {
      const page = await api.get(`/api/audit-logs/chain?after=${seq}`, auditChainPageSchema);
      if (page.entries.length === 0) throw new OrdealError('internal', `The chain ends at ${seq}, before its own head at ${head.seq}.`);
      const anchors = new Map(page.anchors.map((anchor) => [anchor.seq, anchor]));
      for (const entry of page.entries.filter((each) => each.seq <= head.seq)) {
        await write({ kind: 'entry', ...entry });
        const anchor = anchors.get(entry.seq);
        if (anchor !== undefined) await write({ kind: 'anchor', ...anchor });
        seq = entry.seq;
      }
    }
    await write({ kind: 'head', ...head });
  } finally {
    await file.close();
  }
  context.print(`${head.seq} audit rows in ${out}\nCheck it with: ordeal audit verify ${out}\n`);
}
