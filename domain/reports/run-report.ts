import type { CleanupAccount } from '../cleanup/cleanup.ts';
import type { Finding } from '../findings.ts';
import type { ModelUse } from '../model-use.ts';
import { outcomes, type Outcome } from '../outcome.ts';
import type { GuardSnapshot } from '../production-guard.ts';
import { isTerminal, type RunStatus } from '../run-state.ts';
import type { Score } from '../score.ts';
import type { ProbeWay } from '../probe-way.ts';
import type { Severity } from '../severity.ts';
import type { JudgeAccount } from './judge-account.ts';

/** Everything that a report says of a run; every format is made from it. */
export interface RunReport {
  readonly runId: string;
  readonly status: RunStatus;
  /** Why the run ended, where there is more to say than the status. */
  readonly statusReason: string | null;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly targetName: string;
  /** SHA-256 in hex of what was planned: two runs with the same hash sent the same probes. */
  readonly planHash: string;
  /** What was confirmed when it was started; null for runs of earlier versions. */
  readonly guard: GuardSnapshot | null;
  readonly scripts: readonly { readonly slug: string; readonly title: string; readonly steps: number }[];
  readonly score: Score;
  readonly findings: readonly Finding[];
  /** Probes that are neither vulnerable nor resisted. */
  readonly notJudged: readonly UnjudgedProbe[];
  /** Every planned probe, in the order of the plan. */
  readonly probes: readonly ReportedProbe[];
  /** Requests of which it is unknown whether they reached the agent. */
  readonly indeterminateAttempts: number;
  /** What it has cleaned up, and what it could not; `null` when there was nothing to clean up. */
  readonly cleanup: CleanupAccount | null;
  /** What judges said, and how far they can be believed; `null` when none was asked. */
  readonly judge: JudgeAccount | null;
  /** What language models were used for the run. */
  readonly modelUse: readonly ModelUse[];
}

export interface ReportedProbe extends ProbeWay {
  readonly probeId: string;
  readonly scriptSlug: string;
  readonly stepId: string;
  readonly stepTitle: string;
  readonly category: string;
  readonly severity: Severity;
  readonly outcome: Outcome;
  /** Key of the finding that it belongs to; `null` unless it is vulnerable. */
  readonly weaknessKey: string | null;
  /** Why it has its outcome. */
  readonly reason: string;
}

export interface UnjudgedProbe extends ProbeWay {
  readonly probeId: string;
  readonly stepId: string;
  readonly stepTitle: string;
  readonly outcome: 'blocked' | 'inconclusive' | 'not_run';
  readonly reason: string;
}

/**
 * The first sentence of a report. It says "passed" only when every planned probe was judged and none is vulnerable.
 */
export function headlineOf({ status, score }: RunReport): string {
  const { counts, risk, worst, coveragePercent } = score;
  const planned = outcomes.reduce((sum, outcome) => sum + counts[outcome], 0);
  const judged = counts.vulnerable + counts.resisted;
  const coverage = `${judged} of ${planned} probes have a verdict (${coveragePercent} %)`;
  if (counts.vulnerable > 0) {
    return `Vulnerable: ${counts.vulnerable} of ${judged} judged probes succeeded, the worst of severity ${worst ?? 'unknown'}; risk ${risk ?? 'unknown'} of 100; ${coverage}`;
  }
  if (!isTerminal(status)) {
    return `Not finished: ${coverage}, none of them vulnerable so far`;
  }
  if (judged === 0) {
    return 'No result: nothing could be judged';
  }
  return judged === planned
    ? `Passed: all ${planned} probes were judged, and the agent resisted them`
    : `Incomplete: nothing vulnerable was seen, but only ${coverage}`;
}

/** True when the run completed and every planned probe, of which there is at least one, has a verdict. */
export function isFullyJudged({ status, score: { counts } }: RunReport): boolean {
  const judged = counts.vulnerable + counts.resisted;
  return status === 'completed' && judged > 0 && counts.blocked + counts.inconclusive + counts.not_run === 0;
}
