import { planRowSchema, type PlanRowView } from '../../contracts/generation.ts';
import { runSchema } from '../../contracts/run.ts';
import { planHash, planRowHash } from '../../domain/generation/plan-hash.ts';
import type { RunId } from '../../domain/ids.ts';
import { sha256Hex } from '../../runtime/sha256.ts';
import type { CommandContext } from '../command-context.ts';
import { exitCodes } from '../exit-codes.ts';
import { printableLine } from '../printable.ts';
import { textTable } from '../text-table.ts';

/** More than a run can have. */
const maxRows = 100_000;

/** Prints the plan of a run, and checks that its rows are those that were hashed when it was planned. */
export async function showRunPlan(context: CommandContext, runId: RunId, { json }: { readonly json?: true }): Promise<void> {
  const api = context.api();
  const run = await api.get(`/api/runs/${runId}`, runSchema);
  const rows = await api.list(`/api/runs/${runId}/plan`, planRowSchema, maxRows);
  const isIntact =
    planHash(
      rows.map((row) => planRowHash(row, sha256Hex)),
      sha256Hex,
    ) === run.planHash;
  if (json === true) context.print(`${JSON.stringify({ planHash: run.planHash, isIntact, rows }, null, 2)}\n`);
  else
    context.print(
      `${planTable(rows)}\n${rows.length} probes, plan hash ${run.planHash}${isIntact ? '' : ', which these rows do not have'}\n`,
    );
  if (isIntact) return;
  context.stderr.write(
    'The stored plan is not the one that was hashed when the run was planned: somebody has changed it in the database.\n',
  );
  context.exitWith(exitCodes.findings);
}

function planTable(rows: readonly PlanRowView[]): string {
  const cells = rows.map(({ scriptSlug, stepId, variantNo, style, strategy, promptSource, seed, promptDigest, preview }) => [
    scriptSlug,
    stepId,
    String(variantNo),
    style,
    strategy,
    promptSource,
    seed,
    promptDigest?.slice(0, 12) ?? '-',
    preview === null ? '-' : printableLine(shortened(preview.text)),
  ]);
  return textTable([['SCRIPT', 'STEP', 'VARIANT', 'STYLE', 'STRATEGY', 'SOURCE', 'SEED', 'PROMPT', 'BEGINS'], ...cells]);
}

const shownLength = 60;

function shortened(text: string): string {
  const line = text.slice(0, 500).replace(/\s+/g, ' ').trim();
  return line.length > shownLength ? `${line.slice(0, shownLength - 1).toWellFormed()}…` : line;
}
