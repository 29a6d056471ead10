import type { Detection, EvidenceRef } from './detection.ts';
import { shorten } from './detectors/excerpt.ts';
import { describeToolCall, toolCallsOf, type ReportedToolCall } from './detectors/tool-calls.ts';
import type { Weakness } from './judge.ts';
import type { DetectorKind } from './script.ts';
import { waySuffix, type ProbeWay } from './probe-way.ts';
import { severities, type Severity } from './severity.ts';
import type { TurnEvents } from './sidecar-event.ts';
import { standardsOf } from './taxonomy/taxonomy.ts';

/** A probe with what was judged of it, as findings need it. Probes without a weakness may be left out. */
export interface JudgedProbe extends ProbeWay {
  readonly probeId: string;
  readonly scriptSlug: string;
  readonly stepId: string;
  readonly stepTitle: string;
  readonly remediation: string;
  readonly prompt: string;
  /** `null` when none was received; events alone may show a weakness. */
  readonly answer: string | null;
  readonly turnEvents: TurnEvents | null;
  readonly detections: readonly Detection[];
  readonly weakness: Weakness | null;
}

export interface FindingEvidence {
  readonly probeId: string;
  readonly detector: DetectorKind;
  readonly detectorVersion: number;
  readonly evidence: EvidenceRef;
}

/** One sentence of what happened: what Ordeal tried, what the agent did, what it touched. */
export interface StoryStep {
  readonly kind: 'tried' | 'did' | 'touched';
  readonly probeId: string;
  readonly text: string;
}

/** One weakness of the agent, however many probes show it. */
export interface Finding {
  /** Script, category and detector: the same weakness has the same key in every run. */
  readonly weaknessKey: string;
  readonly scriptSlug: string;
  readonly category: string;
  /** Ids of OWASP and MITRE ATLAS that the category points to, such as `LLM01:2026`. */
  readonly standards: readonly string[];
  readonly detector: DetectorKind;
  /** The worst of its probes. */
  readonly severity: Severity;
  /** 0 to 1; the surest of its probes. */
  readonly confidence: number;
  readonly title: string;
  readonly remediation: string;
  readonly probeIds: readonly string[];
  readonly evidence: readonly FindingEvidence[];
  readonly story: readonly StoryStep[];
}

/** Findings of a run, worst first. The same probes in any order give the same findings in the same order. */
export function deriveFindings(probes: readonly JudgedProbe[]): readonly Finding[] {
  const byKey = Map.groupBy(probes.filter(isWeak), ({ scriptSlug, weakness }) => weaknessKeyOf(scriptSlug, weakness));
  return [...byKey].map(([key, group]) => findingOf(key, group.toSorted(compareProbes))).toSorted(compareFindings);
}

/** Names a weakness so that it has the same name in every run. */
export function weaknessKeyOf(scriptSlug: string, { category, detector }: Pick<Weakness, 'category' | 'detector'>): string {
  return `${scriptSlug}/${category}/${detector}`;
}

type WeakProbe = JudgedProbe & { readonly weakness: Weakness };

function isWeak(probe: JudgedProbe): probe is WeakProbe {
  return probe.weakness !== null;
}

/** Enough to act on; the transcripts have the rest. */
const maxEvidencePerProbe = 10;
const maxEvidencePerFinding = 50;

/** `probes` is not empty and has the most telling probe first. */
function findingOf(weaknessKey: string, probes: readonly WeakProbe[]): Finding {
  const [first] = probes;
  if (first === undefined) {
    throw new RangeError('A finding needs at least one probe');
  }
  const { category, detector } = first.weakness;
  return {
    weaknessKey,
    scriptSlug: first.scriptSlug,
    category,
    standards: standardsOf(category),
    detector,
    severity: first.weakness.severity,
    confidence: Math.max(...probes.map((probe) => probe.weakness.confidence)),
    title: `${weaknessTitles[detector]}: ${first.stepTitle}`,
    remediation: [...new Set(probes.map((probe) => probe.remediation.trim()))].join('\n'),
    probeIds: probes.map((probe) => probe.probeId),
    evidence: probes.flatMap(evidenceOf).slice(0, maxEvidencePerFinding),
    story: tellStory(first),
  };
}

/** What each detector shows, as a sentence without its subject matter. */
export const weaknessTitles: Readonly<Record<DetectorKind, string>> = {
  canary_leak: 'The agent gave out a planted token',
  secret_leak: 'The agent gave out a secret',
  unauthorised_tool_call: 'The agent used a tool it may not use',
  side_effect: 'The agent caused a side effect',
  compliance: 'The agent went along with a forbidden request',
  markup_exfiltration: 'The agent wrote markup that carries data away',
  active_content: 'The agent wrote content that acts where it is shown',
  pii_leak: 'The agent gave out personal data',
  system_prompt_leak: 'The agent gave out its system prompt',
  forbidden_data_flow: 'The agent moved data where it may not go',
  dangerous_command: 'The agent ran a dangerous command',
  unauthorised_commitment: 'The agent made a promise that it may not make',
  model_judge: 'The agent did what a judge calls a violation',
  tool_argument: 'The agent passed a forbidden argument to a tool',
  call_volume: 'The agent made too many tool calls',
  answer_volume: 'The agent wrote too much',
  dangerous_code: 'The agent wrote dangerous code',
};

function evidenceOf({ probeId, detections, weakness }: WeakProbe): readonly FindingEvidence[] {
  return detections
    .filter((detection) => detection.fired && detection.detector === weakness.detector)
    .flatMap(({ detector, version, evidence }) => evidence.map((one) => ({ probeId, detector, detectorVersion: version, evidence: one })))
    .slice(0, maxEvidencePerProbe);
}

const maxPromptLength = 500;
const maxAnswerLength = 300;
const maxTouched = 10;

function tellStory(probe: WeakProbe): readonly StoryStep[] {
  const { probeId } = probe;
  const fired = probe.detections.filter((detection) => detection.fired);
  const executed = toolCallsOf(probe.turnEvents).filter((call) => call.tool.executed);
  return [
    {
      kind: 'tried',
      probeId,
      text: `${probe.stepId}, ${probe.stepTitle}${waySuffix(probe)}: ${shorten(probe.prompt, maxPromptLength)}`,
    },
    ...fired.map(({ summary }): StoryStep => ({ kind: 'did', probeId, text: summary })),
    ...tellAnswer(probe, fired),
    ...executed.slice(0, maxTouched).map((call): StoryStep => touched(probeId, call)),
    ...(executed.length > maxTouched ? [{ kind: 'touched', probeId, text: `and ${executed.length - maxTouched} more` } as const] : []),
  ];
}

function touched(probeId: string, { tool }: ReportedToolCall): StoryStep {
  return { kind: 'touched', probeId, text: describeToolCall(tool) };
}

/** Credentials and personal data are masked in their evidence; quoting the answer would undo that. */
function tellAnswer({ probeId, answer }: WeakProbe, fired: readonly Detection[]): readonly StoryStep[] {
  const isMasked = fired.some(({ detector }) => detector === 'secret_leak' || detector === 'pii_leak');
  return answer === null || answer.trim() === '' || isMasked
    ? []
    : [{ kind: 'did', probeId, text: `It answered: ${shorten(answer, maxAnswerLength)}` }];
}

function compareProbes(a: WeakProbe, b: WeakProbe): number {
  return compareWeight(a.weakness, b.weakness) || compareText(a.stepId, b.stepId) || compareText(a.probeId, b.probeId);
}

function compareFindings(a: Finding, b: Finding): number {
  return compareWeight(a, b) || compareText(a.weaknessKey, b.weaknessKey);
}

interface Weighed {
  readonly severity: Severity;
  readonly confidence: number;
}

function compareWeight(a: Weighed, b: Weighed): number {
  return severities.indexOf(a.severity) - severities.indexOf(b.severity) || b.confidence - a.confidence;
}

/** By code unit: the order of a report must not depend on a locale. */
function compareText(a: string, b: string): number {
  if (a === b) {
    return 0;
  }
  return a < b ? -1 : 1;
}
