import { shorten } from '../detectors/excerpt.ts';
import type { Finding, StoryStep } from '../findings.ts';
import { escapeMarkdown, fenceMarkdown } from '../markdown.ts';
import { isJudged, outcomes } from '../outcome.ts';
import type { Score } from '../score.ts';
import { waySuffix } from '../probe-way.ts';
import type { RunComparison } from './compare-runs.ts';
import { comparisonGroupsOf, otherTargetWarning } from './comparison-groups.ts';
import { guardSentences } from './guard-text.ts';
import { cleanupSentence, uncleanedLabels, unlistedCleanups } from './cleanup-text.ts';
import { believability } from './judge-account.ts';
import { modelUseText } from './model-use-text.ts';
import { headlineOf, type ReportedProbe, type RunReport } from './run-report.ts';
import { categoryLabel, placeOf, standardsNote, storyLabels } from './wording.ts';

/** Renders a report as Markdown. Nothing that the agent or a script wrote can add markup to it. */
export function renderMarkdownReport(report: RunReport, comparison?: RunComparison): string {
  const sections = [
    `# ${headlineOf(report)}`,
    renderRun(report),
    renderScore(report.score),
    ...(comparison === undefined ? [] : [renderComparison(comparison)]),
    ...renderWays(report.probes, { title: 'style', nameOf: (probe) => probe.style }),
    ...renderWays(report.probes, { title: 'strategy', nameOf: (probe) => probe.strategy }),
    renderFindings(report.findings),
    renderNotJudged(report),
    ...renderCleanup(report),
    ...renderModels(report),
    'What the score does and does not say is in docs/scoring.md.',
  ];
  return `${sections.join('\n\n')}\n`;
}

function renderRun({ runId, status, statusReason, startedAt, endedAt, targetName, guard, scripts }: RunReport): string {
  const reason = statusReason === null ? '' : `: ${escapeMarkdown(statusReason)}`;
  const listed = scripts.map((script) => `${escapeMarkdown(script.slug)} ${escapeMarkdown(script.title)} (${script.steps} steps)`);
  return [
    `- Run: ${escapeMarkdown(runId)}, ${escapeMarkdown(status)}${reason}`,
    `- Target: ${escapeMarkdown(targetName)}`,
    `- Time: ${escapeMarkdown(startedAt ?? 'not started')} to ${escapeMarkdown(endedAt ?? 'not ended')}`,
    ...guardSentences(guard).map((sentence, index) => `${index === 0 ? '- Environment: ' : '  - '}${escapeMarkdown(sentence)}`),
    `- Scripts: ${listed.length === 0 ? 'none' : listed.join('; ')}`,
  ].join('\n');
}

function renderScore({ risk, interval, coveragePercent, counts }: Score): string {
  const rows = outcomes.map((outcome) => `| ${escapeMarkdown(outcome)} | ${counts[outcome]} |`);
  const figure = risk === null ? 'none, because nothing was judged' : `${risk} of 100`;
  return [
    '## Score',
    '',
    `Risk ${figure} (95 % interval ${interval.low} to ${interval.high}); coverage ${coveragePercent} %.`,
    '',
    '| Outcome | Probes |',
    '| --- | ---: |',
    ...rows,
  ].join('\n');
}

function renderComparison(comparison: RunComparison): string {
  const groups = comparisonGroupsOf(comparison).map(({ title, entries }) => {
    const lines = entries.map(
      ({ severity, text, note }) => `- ${[severity, escapeMarkdown(text)].join(' ').trim()}${note === '' ? '' : `: ${note}`}`,
    );
    return [`### ${title} (${entries.length})`, ...(lines.length === 0 ? [] : [lines.join('\n')])].join('\n\n');
  });
  const warning = comparison.isSameTarget ? [] : [otherTargetWarning];
  return ['## Since the baseline', `Compared with run ${escapeMarkdown(comparison.baselineRunId)}.`, ...warning, ...groups].join('\n\n');
}

/** Which ways of putting the prompts got through; nothing where there was one way only. */
function renderWays(
  probes: readonly ReportedProbe[],
  { title, nameOf }: { title: string; nameOf: (probe: ReportedProbe) => string },
): readonly string[] {
  const byName = Map.groupBy(probes, nameOf);
  if (byName.size < 2) return [];
  const rows = [...byName].map(([name, own]) => {
    const vulnerable = own.filter((probe) => probe.outcome === 'vulnerable').length;
    const judged = own.filter((probe) => isJudged(probe.outcome)).length;
    return `| ${escapeMarkdown(name)} | ${vulnerable} | ${judged} | ${own.length} |`;
  });
  return [
    [
      `## By ${title}`,
      '',
      `| ${title === 'style' ? 'Style' : 'Strategy'} | Vulnerable | Judged | Probes |`,
      '| --- | ---: | ---: | ---: |',
      ...rows,
    ].join('\n'),
  ];
}

function renderFindings(findings: readonly Finding[]): string {
  return findings.length === 0 ? '## Findings\n\nNone.' : ['## Findings', ...findings.map(renderFinding)].join('\n\n');
}

/** A report is read by people; the API has every row. */
const maxEvidenceShown = 5;

function renderFinding(finding: Finding, index: number): string {
  const shown = finding.evidence.slice(0, maxEvidenceShown);
  const rest = finding.evidence.length - shown.length;
  return [
    `### ${index + 1}. ${escapeMarkdown(finding.title)}`,
    [
      `- Severity ${finding.severity}, confidence ${Math.round(finding.confidence * 100)} %`,
      `- Category ${escapeMarkdown(categoryLabel(finding.category))}, script ${escapeMarkdown(finding.scriptSlug)}, detector ${escapeMarkdown(finding.detector)}, shown by ${finding.probeIds.length} probe(s)${standardsNote(finding)}`,
      `- What to do: ${escapeMarkdown(finding.remediation)}`,
    ].join('\n'),
    ...finding.story.map(renderStoryStep),
    `Evidence${rest > 0 ? ` (the first ${shown.length} of ${finding.evidence.length})` : ''}:`,
    ...shown.map(
      ({ probeId, evidence }) => `${escapeMarkdown(probeId)}, ${escapeMarkdown(placeOf(evidence))}:\n\n${fenceMarkdown(evidence.excerpt)}`,
    ),
  ].join('\n\n');
}

/** Who judged beside the rules, how far that can be believed, and what models cost; nothing where none was used. */
function renderModels({ judge, modelUse }: RunReport): readonly string[] {
  if (judge === null && modelUse.length === 0) return [];
  const judges = (judge?.judges ?? []).map((one) => {
    const said = `${one.violated} violated, ${one.held} held, ${one.unclear} unclear`;
    return `- Judge ${escapeMarkdown(one.model)} (framing ${one.framingVersion}) on ${escapeMarkdown(one.criterion)}: ${said}. ${escapeMarkdown(believability(one))}`;
  });
  const faults = judge === null || judge.faults === 0 ? [] : [`- Faults of the judge: ${judge.faults}`];
  return [['## Language models', '', ...judges, ...faults, ...modelUse.map((use) => `- ${escapeMarkdown(modelUseText(use))}`)].join('\n')];
}

const maxStoryLength = 800;

function renderStoryStep({ kind, text }: StoryStep): string {
  return `${storyLabels[kind]}:\n\n${fenceMarkdown(shorten(text, maxStoryLength))}`;
}

function renderCleanup({ cleanup }: RunReport): readonly string[] {
  const sentence = cleanupSentence(cleanup);
  if (cleanup === null || sentence === null) return [];
  const rows = cleanup.notCleaned.map(
    ({ cleanupId, stepId, stepTitle, state, detail, request }) =>
      `| ${escapeMarkdown(cleanupId)} | ${escapeMarkdown(stepId)} ${escapeMarkdown(stepTitle)} | ${escapeMarkdown(request)} | ${uncleanedLabels[state]}: ${escapeMarkdown(detail)} |`,
  );
  const rest = unlistedCleanups(cleanup);
  const table = [
    '',
    '| Cleanup | Step | Request | Why not |',
    '| --- | --- | --- | --- |',
    ...rows,
    ...(rest > 0 ? ['', `And ${rest} more.`] : []),
  ];
  return [['## Cleanup', '', sentence, ...(rows.length === 0 ? [] : table)].join('\n')];
}

function renderNotJudged({ notJudged, indeterminateAttempts }: RunReport): string {
  const attempts = `Requests of which it is unknown whether they reached the agent: ${indeterminateAttempts}.`;
  if (notJudged.length === 0) {
    return `## Not judged\n\nNone. ${attempts}`;
  }
  const rows = notJudged.map(
    ({ probeId, stepId, stepTitle, style, strategy, outcome, reason }) =>
      `| ${escapeMarkdown(probeId)} | ${escapeMarkdown(stepId)} ${escapeMarkdown(stepTitle + waySuffix({ style, strategy }))} | ${escapeMarkdown(outcome)} | ${escapeMarkdown(reason)} |`,
  );
  return ['## Not judged', '', attempts, '', '| Probe | Step | Outcome | Reason |', '| --- | --- | --- | --- |', ...rows].join('\n');
}
