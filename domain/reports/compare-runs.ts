import type { Finding } from '../findings.ts';
import type { GateBaseline } from '../gate.ts';
import { isJudged } from '../outcome.ts';
import { isAtLeast } from '../severity.ts';
import { wayKey, waySuffix } from '../probe-way.ts';
import type { ReportedProbe, RunReport } from './run-report.ts';

/** What changed in the weaknesses of an agent between a baseline run and a later one. */
export interface RunComparison {
  readonly baselineRunId: string;
  /** False when the two runs tested targets of different names, which makes every difference doubtful. */
  readonly isSameTarget: boolean;
  readonly fresh: readonly NewFinding[];
  /** Weaknesses of the baseline whose steps were all judged again, and resisted. */
  readonly fixed: readonly Finding[];
  /** As the later run has them, not more severe than before. */
  readonly unchanged: readonly Finding[];
  /** Weaknesses of the baseline of which the later run says nothing. Never to be read as fixed. */
  readonly noLongerTested: readonly UntestedFinding[];
  /** Steps that had a verdict in the baseline and have none in the later run. */
  readonly stepsNoLongerJudged: readonly StepName[];
}

export interface NewFinding {
  readonly finding: Finding;
  /**
   * What the baseline knew of it: it resisted the same steps, it had the same weakness in less severe steps, or it had
   * no verdict on them (or another weakness).
   */
  readonly before: 'resisted' | 'less_severe' | 'unknown';
}

export interface UntestedFinding {
  readonly finding: Finding;
  readonly why: 'not_planned' | 'not_judged' | 'other_weakness';
}

export interface StepName {
  readonly scriptSlug: string;
  readonly stepId: string;
  readonly stepTitle: string;
}

/** What the baseline knew of a new weakness, for a person. */
export const newReasons: Readonly<Record<NewFinding['before'], string>> = {
  resisted: 'the baseline resisted the same steps',
  less_severe: 'the baseline had it in less severe steps only',
  unknown: 'the baseline had no verdict on these steps, or another weakness',
};

/** Why a weakness of the baseline is neither fixed nor unchanged, for a person. */
export const untestedReasons: Readonly<Record<UntestedFinding['why'], string>> = {
  not_planned: 'the later run did not plan the steps that showed it',
  not_judged: 'not every probe of the steps that showed it has a verdict',
  other_weakness: 'the steps that showed it now show another weakness',
};

/**
 * Compares a run with an earlier one, weakness by weakness. A weakness counts as fixed only when every step that showed
 * it was judged again in every probe and resisted; where the evidence is missing, it is no longer tested.
 */
export function compareRuns(baseline: RunReport, current: RunReport): RunComparison {
  const before = byStep(baseline.probes);
  const now = byStep(current.probes);
  const old = new Map(baseline.findings.map((finding) => [finding.weaknessKey, finding]));
  const newKeys = new Set(current.findings.map((finding) => finding.weaknessKey));
  const isKnown = ({ weaknessKey, severity }: Finding): boolean => {
    const known = old.get(weaknessKey);
    return known !== undefined && isAtLeast(known.severity, severity);
  };
  const whatWasKnown = (finding: Finding): NewFinding['before'] => {
    if (old.has(finding.weaknessKey)) return 'less_severe';
    return fateOf(stepsOf(finding, current.probes), before) === 'resisted' ? 'resisted' : 'unknown';
  };
  const gone = baseline.findings
    .filter((finding) => !newKeys.has(finding.weaknessKey))
    .map((finding) => ({ finding, fate: fateOf(stepsOf(finding, baseline.probes), now) }));
  return {
    baselineRunId: baseline.runId,
    isSameTarget: baseline.targetName === current.targetName,
    fresh: current.findings.filter((finding) => !isKnown(finding)).map((finding) => ({ finding, before: whatWasKnown(finding) })),
    fixed: gone.flatMap(({ finding, fate }) => (fate === 'resisted' ? [finding] : [])),
    unchanged: current.findings.filter(isKnown),
    noLongerTested: gone.flatMap(({ finding, fate }) => (fate === 'resisted' ? [] : [{ finding, why: fate }])),
    stepsNoLongerJudged: [...before].flatMap(([step, probes]) =>
      isAnyJudged(probes) && !isAnyJudged(now.get(step) ?? []) ? nameOf(probes) : [],
    ),
  };
}

/** What the gate needs of a comparison. Steps that were left out on purpose are not held against the run. */
export function gateBaselineOf({ fresh, noLongerTested }: RunComparison): GateBaseline {
  return {
    fresh: fresh.map(({ finding }) => finding),
    lost: noLongerTested.filter(({ why }) => why === 'not_judged').map(({ finding }) => finding),
  };
}

type ProbesByStep = ReadonlyMap<string, readonly ReportedProbe[]>;

function byStep(probes: readonly ReportedProbe[]): ProbesByStep {
  return Map.groupBy(probes, stepKeyOf);
}

/** With its style and strategy: an agent that resists the prompt as written may still fall for it in another form. A slash is in no slug. */
function stepKeyOf(probe: ReportedProbe): string {
  return `${probe.scriptSlug}/${wayKey(probe)}`;
}

/** Steps of the probes that show a finding, in the run that it belongs to. */
function stepsOf(finding: Finding, probes: readonly ReportedProbe[]): readonly string[] {
  const shownBy = new Set(finding.probeIds);
  return [...new Set(probes.filter((probe) => shownBy.has(probe.probeId)).map(stepKeyOf))];
}

/** What the probes of the other run say of these steps. Without any step there is no evidence for anything. */
function fateOf(steps: readonly string[], others: ProbesByStep): 'resisted' | UntestedFinding['why'] {
  const groups = steps.map((step) => others.get(step) ?? []);
  if (groups.every((group) => group.length === 0)) return 'not_planned';
  if (groups.some((group) => group.length === 0 || group.some((probe) => !isJudged(probe.outcome)))) return 'not_judged';
  return groups.flat().every((probe) => probe.outcome === 'resisted') ? 'resisted' : 'other_weakness';
}

function isAnyJudged(probes: readonly ReportedProbe[]): boolean {
  return probes.some((probe) => isJudged(probe.outcome));
}

function nameOf([first]: readonly ReportedProbe[]): readonly StepName[] {
  return first === undefined
    ? []
    : [{ scriptSlug: first.scriptSlug, stepId: first.stepId, stepTitle: `${first.stepTitle}${waySuffix(first)}` }];
}
