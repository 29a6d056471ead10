import type { RunComparison } from '../domain/reports/compare-runs.ts';
import { comparisonGroupsOf, otherTargetWarning } from '../domain/reports/comparison-groups.ts';
import { printableLine } from './printable.ts';

const maxListed = 10;

/** What changed since the baseline run, for a terminal. */
export function comparisonSummary(comparison: RunComparison): string {
  const lines = comparisonGroupsOf(comparison).flatMap(({ title, entries }) => [
    `  ${title}: ${entries.length}`,
    // What is as before has been listed with the findings.
    ...(title === 'Unchanged' ? [] : entries.slice(0, maxListed)).map(
      ({ severity, text, note }) => `    ${printableLine(`${severity ?? ''} ${text}${note === '' ? '' : `: ${note}`}`.trim())}`,
    ),
    ...(title !== 'Unchanged' && entries.length > maxListed ? [`    and ${entries.length - maxListed} more`] : []),
  ]);
  const warning = comparison.isSameTarget ? [] : [`  ${otherTargetWarning}`];
  return `Since the baseline ${comparison.baselineRunId}:\n${[...warning, ...lines].join('\n')}\n`;
}
