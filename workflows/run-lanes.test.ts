import { describe, expect, it } from 'vitest';

import type { StepResult } from '../activities/run-activities.ts';
import type { ApprovalId, OrgId, RunId } from '../domain/ids.ts';
import { RunLanes, type LaneContext } from './run-lanes.ts';

const context: LaneContext = {
  run: { orgId: 'org_x' as OrgId, runId: 'run_x' as RunId },
  sequencesTotal: 1,
  isEnding: () => false,
  isPaused: () => false,
  mustHandOver: () => false,
  makeMove: () => Promise.resolve({ kind: 'undecided' }),
  look: () => Promise.resolve(),
  onResult: () => undefined,
};
const oneScript = { nextSequence: 0, unfinished: [], page: [{ sequenceNo: 0, script: 'S1', steps: 1 }] };

describe('RunLanes', () => {
  it('ends at once, with nothing done, when the run was ended while it was being opened', async () => {
    const results: unknown[] = [];
    const ended = { ...context, sequencesTotal: 3, isEnding: () => true, onResult: (result: unknown) => void results.push(result) };
    const lanes = new RunLanes(ended, { nextSequence: 0, unfinished: [], page: [] });
    await lanes.run(8);
    expect([results, lanes.isPlanDone]).toEqual([[], false]);
  });

  it('asks a step again at once whose approval was decided while its question was still on its way here', async () => {
    const approvalId = 'apv_x' as ApprovalId;
    const results: unknown[] = [];
    const question = Promise.withResolvers<StepResult>();
    const settled: StepResult = { kind: 'settled', outcome: 'resisted', failure: null };
    const answers = [question.promise, Promise.resolve(settled)];
    const makeMove = () => answers.shift() ?? Promise.reject(new Error('asked a third time'));
    const lanes = new RunLanes({ ...context, makeMove, onResult: (result) => void results.push(result) }, oneScript);
    const done = lanes.run(1);
    lanes.wake(approvalId);
    question.resolve({ kind: 'awaiting_approval', approvalId, expiresInMs: 86_400_000 });
    await done;
    expect([results, lanes.awaitedApprovals, lanes.isPlanDone]).toEqual([[settled], [], true]);
  });
});
