import type { Finding } from '../findings.ts';
import type { Severity } from '../severity.ts';
import { newReasons, untestedReasons, type RunComparison } from './compare-runs.ts';

/** A part of a comparison as plain text, for every format that people read. */
export interface ComparisonGroup {
  readonly title: string;
  readonly entries: readonly ComparisonEntry[];
}

export interface ComparisonEntry {
  readonly severity: Severity | null;
  readonly text: string;
  /** What is known of it beyond its group; may be empty. */
  readonly note: string;
}

/** Puts a comparison into words, group by group; groups without entries are there too. */
export function comparisonGroupsOf({
  fresh,
  fixed,
  unchanged,
  noLongerTested,
  stepsNoLongerJudged,
}: RunComparison): readonly ComparisonGroup[] {
  return [
    { title: 'New', entries: fresh.map(({ finding, before }) => entryOf(finding, newReasons[before])) },
    { title: 'Fixed', entries: fixed.map((finding) => entryOf(finding, 'judged again, and resisted')) },
    { title: 'Unchanged', entries: unchanged.map((finding) => entryOf(finding, '')) },
    {
      title: 'No longer tested',
      entries: noLongerTested.map(({ finding, why }) => entryOf(finding, `not known to be fixed: ${untestedReasons[why]}`)),
    },
    {
      title: 'Steps that lost their verdict',
      entries: stepsNoLongerJudged.map(({ stepId, stepTitle }) => ({ severity: null, text: `${stepId} ${stepTitle}`, note: '' })),
    },
  ];
}

/** Said where the two runs did not test a target of the same name. */
export const otherTargetWarning = 'The two runs tested targets of different names.';

function entryOf({ severity, title, scriptSlug, category }: Finding, note: string): ComparisonEntry {
  return { severity, text: `${title} (${scriptSlug}, ${category})`, note };
}
