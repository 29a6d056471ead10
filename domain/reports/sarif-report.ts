import { weaknessTitles, type Finding } from '../findings.ts';
import type { UncleanedStep } from '../cleanup/cleanup.ts';
import { shorten } from '../detectors/excerpt.ts';
import { severities, type Severity } from '../severity.ts';
import { waySuffix } from '../probe-way.ts';
import { untestedReasons, type RunComparison } from './compare-runs.ts';
import { headlineOf, isFullyJudged, type ReportedProbe, type RunReport } from './run-report.ts';
import type { SarifLocation, SarifLog, SarifNotification, SarifResult, SarifRule } from './sarif-log.ts';
import { categoryLabel, counted, outcomeLabels, placeOf, storyLabels } from './wording.ts';

export interface SarifOptions {
  /** Version of Ordeal. */
  readonly version: string;
  readonly comparison?: RunComparison | undefined;
}

/**
 * Makes a SARIF 2.1.0 log of a report: a rule for each category and detector, a result for each finding.
 *
 * A log without results must not read as a clean bill: unless the run completed and every probe has a verdict,
 * `executionSuccessful` is false, and each probe without one is a notification.
 */
export function sarifReportOf(report: RunReport, { version, comparison }: SarifOptions): SarifLog {
  const untested = comparison?.noLongerTested ?? [];
  const rules = rulesOf([...report.findings, ...untested.map(({ finding }) => finding)]);
  const isNew = new Set(comparison?.fresh.map(({ finding }) => finding.weaknessKey));
  const resultOf = (finding: Finding): SarifResult => failOf(finding, { rules, probes: report.probes });
  return {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'Ordeal', version, semanticVersion: version, rules, notifications: notificationRules } },
        // GitHub keeps the results of different targets and script sets apart by this.
        automationDetails: {
          id: `ordeal/${encodeURIComponent(report.targetName.toWellFormed())}/`,
          description: { text: headlineOf(report) },
        },
        invocations: [invocationOf(report)],
        results: [
          ...report.findings.map((finding) =>
            withState(resultOf(finding), comparison && (isNew.has(finding.weaknessKey) ? 'new' : 'unchanged')),
          ),
          // Left out, they would be closed as fixed by whoever compares logs.
          ...untested.map(({ finding, why }) =>
            withState(
              {
                ...resultOf(finding),
                kind: 'open',
                level: 'none',
                message: { text: `${finding.title}. Not known any more: ${untestedReasons[why]}.` },
              },
              'unchanged',
            ),
          ),
        ],
        columnKind: 'utf16CodeUnits',
        properties: {
          runId: report.runId,
          status: report.status,
          targetName: report.targetName,
          planHash: report.planHash,
          score: report.score,
        },
      },
    ],
  };
}

function withState(result: SarifResult, baselineState: SarifResult['baselineState'] | undefined): SarifResult {
  return baselineState === undefined ? result : { ...result, baselineState };
}

function ruleIdOf({ category, detector }: Finding): string {
  return `${category}/${detector}`;
}

function rulesOf(findings: readonly Finding[]): readonly SarifRule[] {
  return [...Map.groupBy(findings, ruleIdOf)].map(([id, group]) => ruleOf(id, group)).toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

function ruleOf(id: string, findings: readonly Finding[]): SarifRule {
  const worst = severities.find((severity) => findings.some((finding) => finding.severity === severity)) ?? 'low';
  const remediation = [...new Set(findings.map((finding) => finding.remediation))].join('\n');
  const title = findings[0] === undefined ? id : `${weaknessTitles[findings[0].detector]} (${categoryLabel(findings[0].category)})`;
  const tags = (findings[0]?.standards ?? []).map((standard) => `external/${listOf(standard)}/${standard}`);
  return {
    id,
    name: id,
    shortDescription: { text: title },
    fullDescription: { text: `${title}. Worst severity in this run: ${worst}.` },
    help: { text: `What to do: ${remediation}` },
    defaultConfiguration: { level: levels[worst] },
    properties: { tags: ['security', 'ai-agent', ...tags], 'security-severity': securitySeverities[worst], precision: 'high' },
  };
}

/** As the tags of other analysers name their lists: `external/cwe/cwe-79`. */
function listOf(standard: string): 'atlas' | 'owasp' {
  return standard.startsWith('AML.') ? 'atlas' : 'owasp';
}

const levels: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'note',
};

/** The middle of each of the bands by which GitHub names a severity. */
const securitySeverities: Readonly<Record<Severity, string>> = { critical: '9.5', high: '8.0', medium: '5.5', low: '2.0' };

const maxTextLength = 1_000;

function failOf(
  finding: Finding,
  { rules, probes }: { readonly rules: readonly SarifRule[]; readonly probes: readonly ReportedProbe[] },
): SarifResult {
  const ruleId = ruleIdOf(finding);
  const story = finding.story.map((step) => `${storyLabels[step.kind]}: ${shorten(step.text, maxTextLength)}`);
  const shownBy = new Set(finding.probeIds);
  const shown = probes.filter((probe) => shownBy.has(probe.probeId));
  return {
    ruleId,
    ruleIndex: rules.findIndex((rule) => rule.id === ruleId),
    kind: 'fail',
    level: levels[finding.severity],
    message: { text: [`${finding.title}.`, ...story, `What to do: ${finding.remediation}`].join('\n') },
    locations: [locationOf(finding.scriptSlug, shown[0])],
    partialFingerprints: { 'ordealWeakness/v1': finding.weaknessKey, primaryLocationLineHash: finding.weaknessKey },
    rank: Math.round(finding.confidence * 1_000) / 10,
    occurrenceCount: Math.max(1, finding.probeIds.length),
    properties: {
      severity: finding.severity,
      confidence: finding.confidence,
      category: finding.category,
      standards: finding.standards,
      probeIds: finding.probeIds,
      steps: [...new Set(shown.map((probe) => probe.stepId))],
      evidence: finding.evidence.map(({ probeId, detector, detectorVersion, evidence }) => ({
        probeId,
        detector: `${detector}@${detectorVersion}`,
        place: placeOf(evidence),
        excerpt: evidence.excerpt,
      })),
    },
  };
}

/**
 * A weakness of an agent is in no file. The logical location names script and step; the physical one exists because
 * GitHub refuses results without, and names the script only.
 */
function locationOf(scriptSlug: string, probe: Pick<ReportedProbe, 'stepId'> | undefined): SarifLocation {
  return {
    physicalLocation: { artifactLocation: { uri: `ordeal/${encodeURIComponent(scriptSlug.toWellFormed())}` }, region: { startLine: 1 } },
    logicalLocations: [
      { name: scriptSlug, fullyQualifiedName: scriptSlug, kind: 'script' },
      ...(probe === undefined ? [] : [{ name: probe.stepId, fullyQualifiedName: `${scriptSlug}/${probe.stepId}`, kind: 'step' }]),
    ],
  };
}

const notificationRules = [
  { id: 'run', shortDescription: { text: 'The run as a whole did not give a full result' } },
  { id: 'blocked', shortDescription: { text: 'The request was refused before the agent saw it' } },
  { id: 'inconclusive', shortDescription: { text: 'It was tried, but a fault or missing evidence forbids a verdict' } },
  { id: 'not_run', shortDescription: { text: 'It was never sent' } },
  { id: 'not_cleaned_up', shortDescription: { text: 'What the step left behind at the target could not be cleaned up' } },
] as const;

function invocationOf(report: RunReport): SarifLog['runs'][0]['invocations'][0] {
  const { startedAt, endedAt } = report;
  const isSuccessful = isFullyJudged(report);
  return {
    executionSuccessful: isSuccessful,
    ...(startedAt === null ? {} : { startTimeUtc: startedAt }),
    ...(endedAt === null ? {} : { endTimeUtc: endedAt }),
    toolExecutionNotifications: [
      ...(isSuccessful ? [] : [runNotification(report)]),
      ...report.probes.flatMap(probeNotification),
      ...(report.cleanup?.notCleaned ?? []).map(cleanupNotification),
    ],
  };
}

function runNotification(report: RunReport): SarifNotification {
  const reason = report.statusReason === null ? '' : ` ${report.statusReason}`;
  const arrivals = report.indeterminateAttempts === 0 ? '' : ` ${counted(report.indeterminateAttempts, 'request')} of unknown arrival.`;
  return {
    level: 'error',
    descriptor: { id: 'run' },
    message: { text: `${headlineOf(report)}. The run is ${report.status}.${reason}${arrivals}` },
  };
}

/** It says nothing of the agent, so it is no error. */
function cleanupNotification({ cleanupId, stepId, stepTitle, request, detail }: UncleanedStep): SarifNotification {
  return {
    level: 'warning',
    descriptor: { id: 'not_cleaned_up' },
    message: { text: `${stepId} ${stepTitle} may have left something behind. ${request}: ${detail}` },
    properties: { cleanupId },
  };
}

function probeNotification({
  scriptSlug,
  stepId,
  stepTitle,
  style,
  strategy,
  probeId,
  outcome,
  reason,
}: ReportedProbe): readonly SarifNotification[] {
  if (outcome === 'vulnerable' || outcome === 'resisted') return [];
  return [
    {
      level: outcome === 'blocked' ? 'warning' : 'error',
      descriptor: { id: outcome },
      message: { text: `${stepId} ${stepTitle}${waySuffix({ style, strategy })} has no verdict (${outcomeLabels[outcome]}): ${reason}` },
      locations: [locationOf(scriptSlug, { stepId })],
      properties: { probeId },
    },
  ];
}
