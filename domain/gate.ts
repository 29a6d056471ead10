import type { RunStatus } from './run-state.ts';
import type { Score } from './score.ts';
import { isAtLeast, severities, type Severity } from './severity.ts';

/** What a build learns from a run by exit code; docs/cli.md lists them. */
export const gateExitCodes = { passed: 0, findings: 1, incomplete: 3 } as const;
export type GateExitCode = (typeof gateExitCodes)[keyof typeof gateExitCodes];

export interface GateInput {
  readonly status: RunStatus;
  readonly score: Pick<Score, 'coveragePercent' | 'counts' | 'worst'>;
  readonly findings: readonly { readonly severity: Severity }[];
  /** Findings of at least this severity fail the build. */
  readonly failOn: Severity;
  /** Where given, findings that the baseline run has too do not fail the build. */
  readonly baseline?: GateBaseline | undefined;
  /** Percent of the planned probes that need a verdict. */
  readonly minCoverage: number;
}

/** What a comparison with the baseline run found. */
export interface GateBaseline {
  readonly fresh: readonly { readonly severity: Severity }[];
  /** Weaknesses of the baseline whose steps were planned again, and have no verdict. */
  readonly lost: readonly { readonly severity: Severity }[];
}

export interface GateDecision {
  readonly exitCode: GateExitCode;
  /** One sentence for each thing that speaks against the run; empty when it passed. */
  readonly reasons: readonly string[];
}

/**
 * Decides whether a build passes on a run. It passes only when the run completed, enough probes have a verdict, and
 * nothing of `failOn` or worse was found: an agent that could not be tested never passes. With a baseline, only what is new
 * counts as found, and a known weakness that could not be judged again counts as missing.
 */
export function decideGate(input: GateInput): GateDecision {
  const found = findingReasons(input);
  const missing = [...coverageReasons(input), ...lostReasons(input)];
  return { exitCode: exitCodeOf(found, missing), reasons: [...found, ...missing] };
}

function exitCodeOf(found: readonly string[], missing: readonly string[]): GateExitCode {
  if (found.length > 0) return gateExitCodes.findings;
  return missing.length > 0 ? gateExitCodes.incomplete : gateExitCodes.passed;
}

function findingReasons({ findings, baseline, score, failOn }: GateInput): readonly string[] {
  const isFailing = ({ severity }: { readonly severity: Severity }): boolean => isAtLeast(severity, failOn);
  const failing = (baseline?.fresh ?? findings).filter(isFailing);
  if (failing.length > 0) {
    const counts = severities
      .map((severity) => ({ severity, count: failing.filter((finding) => finding.severity === severity).length }))
      .filter(({ count }) => count > 0);
    const noun = `${baseline === undefined ? '' : 'new '}${failing.length === 1 ? 'finding' : 'findings'}`;
    return [
      `${failing.length} ${noun} of severity ${failOn} or worse (${counts.map(({ severity, count }) => `${count} ${severity}`).join(', ')})`,
    ];
  }
  // The score is derived from other rows than the findings: where only one of them tells of a weakness, it is believed.
  const isWorstFailing = score.worst !== null && isAtLeast(score.worst, failOn);
  return isWorstFailing && !findings.some(isFailing) ? [`a probe of severity ${score.worst} is vulnerable`] : [];
}

function lostReasons({ baseline, failOn }: GateInput): readonly string[] {
  const lost = (baseline?.lost ?? []).filter(({ severity }) => isAtLeast(severity, failOn));
  if (lost.length === 0) return [];
  return [`${lost.length} known ${lost.length === 1 ? 'weakness' : 'weaknesses'} of severity ${failOn} or worse could not be judged again`];
}

function coverageReasons({ status, score, minCoverage }: GateInput): readonly string[] {
  const judged = score.counts.vulnerable + score.counts.resisted;
  const reasons: string[] = [];
  if (status !== 'completed') reasons.push(`the run did not complete: it is ${status}`);
  // Written so that a figure that is no number counts as too little.
  if (!(score.coveragePercent >= minCoverage)) reasons.push(`coverage is ${score.coveragePercent} %, and ${minCoverage} % are asked for`);
  else if (!(judged > 0)) reasons.push('nothing was judged, so there is nothing to pass on');
  return reasons;
}
