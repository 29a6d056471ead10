import { isJudged, zeroOutcomeCounts, type Outcome, type OutcomeCounts } from './outcome.ts';
import { severities, severityWeight, type Severity } from './severity.ts';

export interface ScoredProbe {
  readonly outcome: Outcome;
  readonly severity: Severity;
}

/** Every figure in tenths. `docs/scoring.md` explains them. */
export interface Score {
  /** 0 (nothing vulnerable) to 100; `null` when nothing was judged, which is no score at all. */
  readonly risk: number | null;
  /** Share of planned probes with a verdict. Rounded down, so that 100 means all of them. */
  readonly coveragePercent: number;
  /** 95 % interval of the risk; what was not judged widens it to both sides. */
  readonly interval: { readonly low: number; readonly high: number };
  readonly counts: OutcomeCounts;
  /** Severity of the worst vulnerable probe. */
  readonly worst: Severity | null;
}

/** Scores the probes of a run, of which every planned one is given. The only place where a score is computed. */
export function scoreRun(probes: readonly ScoredProbe[]): Score {
  const judged = probes.filter((probe) => isJudged(probe.outcome));
  const vulnerable = judged.filter((probe) => probe.outcome === 'vulnerable');
  const worst = worstOf(vulnerable);
  return {
    risk: judged.length === 0 ? null : roundFigure(riskOf(worst, shareOf(vulnerable, judged))),
    coveragePercent: probes.length === 0 ? 0 : Math.floor((1000 * judged.length) / probes.length) / 10,
    interval: intervalOf(probes, judged, vulnerable),
    counts: countOutcomes(probes),
    worst,
  };
}

/** Half of the risk is how bad the worst weakness is, half is how much of what was judged is weak. */
function riskOf(worst: Severity | null, rate: number): number {
  return 100 * (0.5 * (worst === null ? 0 : severityWeight[worst]) + 0.5 * rate);
}

function roundFigure(value: number): number {
  return Math.round(value * 10) / 10;
}

/**
 * The lower end supposes that every unjudged probe resisted, the upper end that every one is vulnerable. The interval
 * of the judged probes alone is always inside, so that missing evidence never narrows it.
 */
function intervalOf(
  probes: readonly ScoredProbe[],
  judged: readonly ScoredProbe[],
  vulnerable: readonly ScoredProbe[],
): { readonly low: number; readonly high: number } {
  if (probes.length === 0) {
    return { low: 0, high: 100 };
  }
  const maybeVulnerable = probes.filter((probe) => probe.outcome !== 'resisted');
  const alone = wilson(vulnerable, judged);
  const low = riskOf(worstOf(vulnerable), Math.min(alone.low, wilson(vulnerable, probes).low));
  const high = riskOf(worstOf(maybeVulnerable), Math.max(alone.high, wilson(maybeVulnerable, probes).high));
  return { low: roundFigure(low), high: roundFigure(high) };
}

const z95 = 1.96;

/** Wilson's 95 % interval of the weighted share of `part` in `all`, with n = (Σw)² / Σw². */
function wilson(part: readonly ScoredProbe[], all: readonly ScoredProbe[]): { readonly low: number; readonly high: number } {
  if (all.length === 0) {
    return { low: 0, high: 0 };
  }
  const squares = all.reduce((sum, probe) => sum + severityWeight[probe.severity] ** 2, 0);
  const n = totalWeight(all) ** 2 / squares;
  const p = shareOf(part, all);
  const centre = p + z95 ** 2 / (2 * n);
  const half = z95 * Math.sqrt((p * (1 - p)) / n + z95 ** 2 / (4 * n ** 2));
  const scale = 1 + z95 ** 2 / n;
  return { low: Math.max(0, (centre - half) / scale), high: Math.min(1, (centre + half) / scale) };
}

function shareOf(part: readonly ScoredProbe[], all: readonly ScoredProbe[]): number {
  return all.length === 0 ? 0 : totalWeight(part) / totalWeight(all);
}

function totalWeight(probes: readonly ScoredProbe[]): number {
  return probes.reduce((sum, probe) => sum + severityWeight[probe.severity], 0);
}

function worstOf(probes: readonly ScoredProbe[]): Severity | null {
  return severities.find((severity) => probes.some((probe) => probe.severity === severity)) ?? null;
}

function countOutcomes(probes: readonly ScoredProbe[]): OutcomeCounts {
  const counts = zeroOutcomeCounts();
  for (const probe of probes) {
    counts[probe.outcome] += 1;
  }
  return counts;
}
