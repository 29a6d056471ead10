import { describe, expect, it } from 'vitest';

import type { OrgId, RunId } from '../domain/ids.ts';
import { RunLanes } from './run-lanes.ts';

describe('RunLanes', () => {
  it('ends at once, with nothing done, when the run was ended while it was being opened', async () => {
    const results: unknown[] = [];
    const lanes = new RunLanes(
      {
        run: { orgId: 'org_x' as OrgId, runId: 'run_x' as RunId },
        sequencesTotal: 3,
        isEnding: () => true,
        isPaused: () => false,
        mustHandOver: () => false,
        look: () => Promise.resolve(),
        onResult: (result) => results.push(result),
      },
      { nextSequence: 0, unfinished: [], page: [] },
    );
    await lanes.run(8);
    expect([results, lanes.isPlanDone]).toEqual([[], false]);
  });
});
