import { reportSchema } from '../contracts/report.ts';
import { runStopSchema } from '../contracts/run.ts';
import { decideGate, type GateExitCode } from '../domain/gate.ts';
import type { RunId } from '../domain/ids.ts';
import { compareRuns, gateBaselineOf } from '../domain/reports/compare-runs.ts';
import type { Severity } from '../domain/severity.ts';
import type { ApiClient } from './api-client.ts';
import type { CommandContext } from './command-context.ts';
import { comparisonSummary } from './comparison-summary.ts';
import { exitCodes } from './exit-codes.ts';
import { followRun } from './follow-run.ts';
import { onInterrupt } from './interrupts.ts';
import { printableLine } from './printable.ts';
import { openProgressView, type ProgressView } from './progress-view.ts';
import { runSummary, type Report } from './run-summary.ts';
import { describeError } from './show-error.ts';
import { writeReports } from './write-reports.ts';

/** By what a run passes or fails. */
export interface GateFlags {
  readonly failOn: Severity;
  readonly minCoverage: number;
}

interface ConductedRun extends GateFlags {
  readonly runId: RunId;
  readonly targetName: string;
  /** The folder that reports are written to. */
  readonly reports?: string;
  /** The run that it is compared with. */
  readonly baseline?: RunId | undefined;
  /** Its report, as it was before anything was sent. */
  readonly before?: Report | undefined;
  /** Whether Ctrl+C was pressed before the run was planned. */
  readonly isInterrupted?: boolean;
}

/** Follows a run that was started to its end, writes its reports, and exits by what came of it. Ctrl+C stops the run. */
export async function conductRun(context: CommandContext, api: ApiClient, run: ConductedRun): Promise<void> {
  const { runId, baseline, reports } = run;
  context.stderr.write(`Run ${runId} against ${printableLine(run.targetName)}\n`);
  const hasEnded = await followWithInterrupts(context, api, { runId, isInterrupted: run.isInterrupted ?? false });
  if (!hasEnded) {
    context.stderr.write(
      `The run goes on without this command. \`ordeal status ${runId}\` tells how far it is, \`ordeal stop ${runId}\` stops it.\n`,
    );
    return context.exitWith(exitCodes.incomplete);
  }
  if (reports !== undefined) await writeReports(api, { runId, baseline, folder: reports });
  context.exitWith(await conclude(context, api, run));
}

/** False when the second Ctrl+C came before the end of the run. */
async function followWithInterrupts(
  context: CommandContext,
  api: ApiClient,
  { runId, isInterrupted }: { readonly runId: RunId; readonly isInterrupted: boolean },
): Promise<boolean> {
  const view = openProgressView(context.stderr);
  const leaving = new AbortController();
  const interrupts = onInterrupt({
    first: () => void requestStop(api, runId, view),
    second: () => leaving.abort(),
  });
  if (isInterrupted) void requestStop(api, runId, view);
  try {
    return (await followRun(api, { runId, view, signal: leaving.signal })) !== undefined;
  } finally {
    interrupts.release();
    view.end();
  }
}

async function requestStop(api: ApiClient, runId: RunId, view: ProgressView): Promise<void> {
  view.note('Asking the run to stop … (Ctrl+C again leaves it running)');
  try {
    await api.post(`/api/runs/${runId}/stop`, runStopSchema);
  } catch (error) {
    view.note(`The run could not be stopped. ${describeError(error).trimEnd()}`);
  }
}

async function conclude(
  { print }: CommandContext,
  api: ApiClient,
  { runId, failOn, minCoverage, before }: ConductedRun,
): Promise<GateExitCode> {
  const report = await getReport(api, runId);
  const { status, score, findings } = report;
  const comparison = before === undefined ? undefined : compareRuns(before, report);
  const { exitCode, reasons } = decideGate({
    status,
    score,
    findings,
    failOn,
    minCoverage,
    baseline: comparison && gateBaselineOf(comparison),
  });
  print(`\n${runSummary(report)}`);
  if (comparison !== undefined) print(`\n${comparisonSummary(comparison)}`);
  print(`\n${verdictLine(exitCode, reasons)}\n`);
  return exitCode;
}

/** What a run came to, or has come to so far. */
export function getReport(api: ApiClient, runId: RunId): Promise<Report> {
  return api.get(`/api/runs/${runId}/report?format=json`, reportSchema);
}

const verdicts = { 0: 'PASSED', 1: 'FAILED', 3: 'INCOMPLETE' } as const;

function verdictLine(exitCode: GateExitCode, reasons: readonly string[]): string {
  return `${verdicts[exitCode]} (exit code ${exitCode})${reasons.length === 0 ? '' : `: ${reasons.join('; ')}`}`;
}
