import { describe, expect, it } from 'vitest';

import { zeroOutcomeCounts } from './outcome.ts';
import { describeEnding, statusOfEnding, type RunEnding } from './run-ending.ts';

const allJudged = { ...zeroOutcomeCounts(), vulnerable: 1, resisted: 2, blocked: 1 };
const finished: RunEnding = { kind: 'finished' };

describe('statusOfEnding', () => {
  it('completes only when no probe is without an outcome of its own', () => {
    expect(statusOfEnding(finished, allJudged)).toBe('completed');
    expect(statusOfEnding(finished, { ...allJudged, inconclusive: 1 })).toBe('incomplete');
    expect(statusOfEnding(finished, { ...allJudged, not_run: 1 })).toBe('incomplete');
  });

  it('tells a stop, the cap, an open circuit and a failure of ours apart', () => {
    const endings: RunEnding[] = [
      { kind: 'stop_requested', by: 'key_1' },
      { kind: 'duration_cap', minutes: 30 },
      { kind: 'circuit_open', consecutiveFaults: 5 },
      { kind: 'engine_failure', detail: 'x' },
    ];
    expect(endings.map((ending) => statusOfEnding(ending, allJudged))).toEqual(['stopped', 'stopped_quota', 'incomplete', 'failed']);
    expect(new Set(endings.map(describeEnding)).size).toBe(4);
  });
});
