import type { z } from 'zod';

import type { reportSchema } from '../contracts/report.ts';
import { outcomes } from '../domain/outcome.ts';
import { waySuffix } from '../domain/probe-way.ts';
import { countUncleaned } from '../domain/cleanup/cleanup.ts';
import { cleanupSentence, uncleanedLabels } from '../domain/reports/cleanup-text.ts';
import { printableLine } from './printable.ts';
import { labelOf } from './progress-state.ts';
import { textTable } from './text-table.ts';

export type Report = z.output<typeof reportSchema>;

const maxListed = 20;

/** What came of a run, for a terminal: outcomes, findings, what is not judged, score and coverage. */
export function runSummary(report: Report): string {
  const { score } = report;
  const risk =
    score.risk === null
      ? 'no risk score, because nothing was judged'
      : `risk ${score.risk} of 100 (95 % interval ${score.interval.low} to ${score.interval.high})`;
  const parts = [
    `${printableLine(report.headline)}\nRun ${report.runId} against ${printableLine(report.targetName)}: ${report.status}${report.statusReason === null ? '' : `. ${printableLine(report.statusReason)}`}\n`,
    textTable(outcomes.map((outcome) => [`  ${labelOf(outcome)}`, String(score.counts[outcome]).padStart(6)])),
    findingsTable(report),
    notJudgedTable(report),
    cleanupTable(report),
    `Score: ${risk}; coverage ${score.coveragePercent} %\n`,
  ];
  return parts.filter((part) => part !== '').join('\n');
}

function findingsTable({ findings }: Report): string {
  if (findings.length === 0) return 'Findings: none\n';
  const rows = findings.slice(0, maxListed).map(({ severity, scriptSlug, category, title, probeIds }) => {
    const probes = `${probeIds.length} ${probeIds.length === 1 ? 'probe' : 'probes'}`;
    return [`  ${severity}`, scriptSlug, category, probes, title];
  });
  return `Findings: ${findings.length}\n${textTable(rows)}${more(findings.length)}`;
}

function notJudgedTable({ notJudged }: Report): string {
  if (notJudged.length === 0) return '';
  const rows = notJudged
    .slice(0, maxListed)
    .map(({ stepId, style, strategy, outcome, reason }) => [`  ${stepId}${waySuffix({ style, strategy })}`, labelOf(outcome), reason]);
  return `Without a verdict: ${notJudged.length}\n${textTable(rows)}${more(notJudged.length)}`;
}

function cleanupTable({ cleanup }: Report): string {
  const sentence = cleanupSentence(cleanup);
  if (cleanup === null || sentence === null) return '';
  const rows = cleanup.notCleaned
    .slice(0, maxListed)
    .map(({ stepId, state, request, detail }) => [`  ${stepId}`, uncleanedLabels[state], request, detail]);
  return `Cleanup: ${sentence}\n${textTable(rows)}${more(countUncleaned(cleanup))}`;
}

function more(count: number): string {
  return count > maxListed ? `  and ${count - maxListed} more: see \`ordeal report\`\n` : '';
}
