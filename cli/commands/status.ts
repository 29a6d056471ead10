import type { Command } from 'commander';

import { runProgressSchema, runSchema, type Run, type RunProgressView } from '../../contracts/run.ts';
import type { RunId } from '../../domain/ids.ts';
import { outcomes } from '../../domain/outcome.ts';
import type { CommandContext } from '../command-context.ts';
import { printableLine } from '../printable.ts';
import { countUncleaned, type CleanupCounts } from '../../domain/cleanup/cleanup.ts';
import { labelOf } from '../progress-state.ts';
import { runIdArgument } from '../run-id-argument.ts';
import { textTable } from '../text-table.ts';

export function addStatusCommand(program: Command, context: CommandContext): void {
  program
    .command('status')
    .description('Tells how far a run is, and what came of it so far.')
    .argument('<run>', 'id of the run', runIdArgument)
    .option('--json', 'the run and its progress as JSON')
    .action(async (runId: RunId, flags: { readonly json?: true }) => {
      const api = context.api();
      const run = await api.get(`/api/runs/${runId}`, runSchema);
      const progress = await api.get(`/api/runs/${runId}/progress`, runProgressSchema);
      context.print(flags.json === true ? `${JSON.stringify({ run, progress }, null, 2)}\n` : describe(run, progress));
    });
}

function describe(run: Run, progress: RunProgressView): string {
  const tally = outcomes
    .filter((outcome) => progress.outcomes[outcome] > 0)
    .map((outcome) => `${progress.outcomes[outcome]} ${labelOf(outcome)}`);
  const current = progress.currentSteps.map(({ script, step, ofSteps }) => `${script} step ${step} of ${ofSteps}`);
  const times = [run.createdAt, run.startedAt ?? 'not started', run.endedAt ?? 'not ended'].map(printableLine);
  return textTable([
    ['run', run.runId],
    ['status', `${run.status}${run.statusReason === null ? '' : `: ${run.statusReason}`}`],
    ['target', run.targetName],
    ['scripts', run.scripts.map(({ slug, version }) => `${slug}@${version}`).join(', ')],
    ['steps', `${progress.stepsDone} of ${progress.stepsTotal}${progress.phase === 'cleaning_up' ? ', cleaning up' : ''}`],
    ['outcomes', tally.join(', ') || 'none yet'],
    ...(current.length > 0 ? [['now', current.slice(0, 5).join(', ')]] : []),
    ['created', times[0] ?? ''],
    ['started', times[1] ?? ''],
    ['ended', times[2] ?? ''],
    ...(run.stopRequestedBy === null ? [] : [['stop', `requested by ${run.stopRequestedBy}`]]),
    ...(run.cleanup === null ? [] : [['cleanup', cleanupText(run, run.cleanup)]]),
    ['findings', run.endedAt === null ? 'known when the run has ended' : String(run.findings)],
    ['risk', run.score.risk === null ? 'none, because nothing was judged' : `${run.score.risk} of 100`],
    ['coverage', `${run.score.coveragePercent} %`],
  ]);
}

function cleanupText({ runId, cleanupStopRequestedBy }: Run, counts: CleanupCounts): string {
  const left = countUncleaned({ counts });
  const parts = [
    `${counts.cleaned} cleaned up`,
    ...(left === 0 ? [] : [`${left} NOT cleaned up (ordeal runs cleanups ${runId})`]),
    ...(counts.pending + counts.armed === 0 ? [] : [`${counts.pending + counts.armed} to do`]),
    ...(cleanupStopRequestedBy === null ? [] : [`stopped by ${cleanupStopRequestedBy}`]),
  ];
  return parts.join(', ');
}
