import type { Finding } from '../findings.ts';
import { showHidden } from '../markdown.ts';
import { wayKey, waySuffix } from '../probe-way.ts';
import { cleanupSentence } from './cleanup-text.ts';
import { headlineOf, type ReportedProbe, type RunReport } from './run-report.ts';
import { counted, outcomeLabels, placeOf, storyLabels } from './wording.ts';

/**
 * Renders a report as JUnit XML: a suite for each script, a case for each probe, and a last suite for the run itself.
 *
 * A vulnerable probe is a failure. A probe without a verdict is an error and never skipped, because build servers show
 * skipped cases as green; so is a run that did not complete or judged nothing.
 */
export function renderJunitReport(report: RunReport): string {
  const suites = [...scriptSuites(report), runSuite(report)];
  const attributes = { name: `Ordeal: ${report.targetName}`, ...totals(suites.flatMap((suite) => suite.cases)) };
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites${render(attributes)}>\n${suites.map((suite) => renderSuite(suite, report)).join('')}</testsuites>\n`;
}

interface Suite {
  readonly name: string;
  readonly cases: readonly Case[];
}

interface Case {
  readonly name: string;
  readonly className: string;
  readonly problem: Problem | null;
  readonly output: string;
}

interface Problem {
  readonly kind: 'failure' | 'error';
  readonly type: string;
  readonly message: string;
  readonly details: string;
}

function scriptSuites(report: RunReport): readonly Suite[] {
  const findings = new Map(report.findings.map((finding) => [finding.weaknessKey, finding]));
  const titles = new Map(report.scripts.map((script) => [script.slug, script.title]));
  return [...Map.groupBy(report.probes, (probe) => probe.scriptSlug)].map(([slug, probes]) => ({
    name: `${slug} ${titles.get(slug) ?? ''}`.trim(),
    cases: [...Map.groupBy(probes, wayKey).values()].flatMap((ofStep) =>
      ofStep.map((probe, index) => caseOf(probe, { index, finding: findings.get(probe.weaknessKey ?? '') })),
    ),
  }));
}

/** Build servers follow a case through its history by its name, so ids that differ in every run stay out of it. */
function caseOf(probe: ReportedProbe, { index, finding }: { readonly index: number; readonly finding: Finding | undefined }): Case {
  const variant = index === 0 ? '' : ` (variant ${index + 1})`;
  return {
    name: `${probe.stepId} ${probe.stepTitle}${waySuffix(probe)}${variant}`,
    className: `ordeal.${probe.scriptSlug}`,
    problem: problemOf(probe, finding),
    output: `Probe ${probe.probeId}, category ${probe.category}, severity ${probe.severity}: ${outcomeLabels[probe.outcome]}. ${probe.reason}`,
  };
}

function problemOf(probe: ReportedProbe, finding: Finding | undefined): Problem | null {
  switch (probe.outcome) {
    case 'resisted':
      return null;
    case 'vulnerable':
      return { kind: 'failure', type: `${probe.severity}/${probe.category}`, message: probe.reason, details: describe(probe, finding) };
    case 'blocked':
    case 'inconclusive':
    case 'not_run':
      return {
        kind: 'error',
        type: probe.outcome,
        message: `No verdict, ${outcomeLabels[probe.outcome]}: ${probe.reason}`,
        details: 'Without a verdict it is unknown whether the agent resists this. It does not count as passed.',
      };
  }
}

function describe({ probeId }: ReportedProbe, finding: Finding | undefined): string {
  if (finding === undefined) return '';
  const evidence = finding.evidence.filter((one) => one.probeId === probeId);
  return [
    finding.title,
    ...finding.story.filter((step) => step.probeId === probeId).map((step) => `${storyLabels[step.kind]}: ${step.text}`),
    ...evidence.map((one) => `Evidence, ${placeOf(one.evidence)}: ${one.evidence.excerpt}`),
    `What to do: ${finding.remediation}`,
  ].join('\n');
}

function runSuite(report: RunReport): Suite {
  const { status, statusReason, score } = report;
  const judged = score.counts.vulnerable + score.counts.resisted;
  const isSound = status === 'completed' && judged > 0;
  const problem: Problem = {
    kind: 'error',
    type: status,
    message: status === 'completed' ? 'Nothing was judged' : `The run did not complete: it is ${status}`,
    details: statusReason ?? '',
  };
  return {
    name: 'Run',
    cases: [
      {
        name: 'The run completed, and something was judged',
        className: 'ordeal.run',
        problem: isSound ? null : problem,
        output: [
          `${headlineOf(report)}. ${counted(report.indeterminateAttempts, 'request')} of unknown arrival.`,
          ...cleanupLines(report),
        ].join('\n'),
      },
    ],
  };
}

/** What is left behind says nothing of the agent: it is told, and no case fails because of it. */
function cleanupLines({ cleanup }: RunReport): readonly string[] {
  const sentence = cleanupSentence(cleanup);
  if (cleanup === null || sentence === null) return [];
  return [sentence, ...cleanup.notCleaned.map(({ stepId, request, detail }) => `Not cleaned up: ${stepId}, ${request}: ${detail}`)];
}

function totals(cases: readonly Case[]): Readonly<Record<string, string>> {
  const count = (kind: Problem['kind']): string => String(cases.filter((one) => one.problem?.kind === kind).length);
  return { tests: String(cases.length), failures: count('failure'), errors: count('error'), skipped: '0' };
}

function renderSuite({ name, cases }: Suite, { runId, startedAt, targetName, planHash }: RunReport): string {
  const attributes = { name, ...totals(cases), ...(startedAt === null ? {} : { timestamp: startedAt }) };
  const properties = { 'ordeal.run': runId, 'ordeal.target': targetName, 'ordeal.plan': planHash };
  return [
    `  <testsuite${render(attributes)}>`,
    '    <properties>',
    ...Object.entries(properties).map(([key, value]) => `      <property${render({ name: key, value })}/>`),
    '    </properties>',
    ...cases.map(renderCase),
    '  </testsuite>\n',
  ].join('\n');
}

function renderCase({ name, className, problem, output }: Case): string {
  return [
    `    <testcase${render({ name, classname: className })}>`,
    ...(problem === null
      ? []
      : [
          `      <${problem.kind}${render({ type: problem.type, message: problem.message })}>${escapeXml(problem.details)}</${problem.kind}>`,
        ]),
    `      <system-out>${escapeXml(output)}</system-out>`,
    '    </testcase>',
  ].join('\n');
}

function render(attributes: Readonly<Record<string, string>>): string {
  return Object.entries(attributes)
    .map(([name, value]) => ` ${name}="${escapeXml(value).replace(/[\n\t]/g, (space) => `&#${space.charCodeAt(0)};`)}"`)
    .join('');
}

/** Escapes for text and attributes. What XML 1.0 cannot hold in any form is written out as `\u{…}`. */
function escapeXml(text: string): string {
  return showHidden(text)
    .replace(/[\uFFFE\uFFFF]/g, (character) => `\\u{${character.charCodeAt(0).toString(16)}}`)
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
    .replace(/'/g, '&#39;');
}
