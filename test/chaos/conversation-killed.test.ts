import { describe, expect, it, type TestContext } from 'vitest';

import type { RunId } from '../../domain/ids.ts';
import type { ChaosBench } from '../harness/chaos-bench.ts';
import { ledger, openHeldRig } from '../harness/held-rig.ts';
import { scriptsOf, testConversation } from '../harness/plan-run.ts';
import { waitUntil } from '../harness/wait-until.ts';

const turns = 6;
const scripts = scriptsOf(testConversation('C-1', turns));

const openRig = (context: TestContext) => openHeldRig(context, { matches: ({ message }) => message.startsWith('Turn 4 ') });

/** What the agent heard, by its own log: `session turn`, sessions named in the order in which they appeared. */
function heard(bench: ChaosBench, runId: RunId): string[] {
  const sessions: string[] = [];
  return bench.seen(runId).map(({ message, session }) => {
    if (!sessions.includes(session)) sessions.push(session);
    const name = 'ABC'.charAt(sessions.indexOf(session));
    return `${name}${/^Turn (\d)/.exec(message)?.[1] ?? turns}`;
  });
}

const answered = (conversation: number, from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => `${conversation}.${from + index}.1 answered`);

describe('a worker killed with kill -9 in the middle of a conversation', () => {
  it('between turn 4 and 5: another goes on at turn 5, in the same session', async (context) => {
    const { bench, crash, held } = await openRig(context);
    const worker = await bench.startWorker();
    const runId = await bench.plan({ scripts, target: { timeoutMs: 60_000 } });
    await crash.place(runId, 'before the ledger row');
    await bench.runs.start(bench.tenant.orgId, runId);
    await waitUntil('turn 4 at the agent', async () => held.isHeld);
    await crash.shut(runId);
    held.release();
    await waitUntil('turn 5 before its ledger row', async () => (await crash.held(runId)) > 0);
    await worker.kill9();
    await crash.openGate(runId);
    await crash.settled();
    await bench.startWorker();
    expect(await bench.ended(runId)).toMatchObject({ status: 'completed', outcomes: { resisted: 1 } });
    expect(await bench.check(runId)).toEqual([]);
    expect(heard(bench, runId)).toEqual(['A1', 'A2', 'A3', 'A4', 'A5', 'A6']);
    expect(await ledger(bench, runId)).toEqual(answered(1, 1, turns));
  });

  it('during turn 4: another begins again in a fresh session, and the ledger keeps both', async (context) => {
    const { bench, held } = await openRig(context);
    const worker = await bench.startWorker();
    const runId = await bench.start({ scripts, target: { timeoutMs: 60_000 } });
    await waitUntil('turn 4 at the agent', async () => held.isHeld);
    await worker.kill9();
    held.release();
    await bench.startWorker();
    expect(await bench.ended(runId)).toMatchObject({ status: 'completed', outcomes: { resisted: 1 } });
    expect(await bench.check(runId)).toEqual([]);
    expect(heard(bench, runId)).toEqual(['A1', 'A2', 'A3', 'A4', 'B1', 'B2', 'B3', 'B4', 'B5', 'B6']);
    expect(await ledger(bench, runId)).toEqual([...answered(1, 1, 3), '1.4.1 indeterminate', ...answered(2, 1, turns)]);
  });

  it('during turn 4 at an idempotent target: another asks turn 4 again under the same key, and goes on', async (context) => {
    const { bench, held } = await openRig(context);
    const worker = await bench.startWorker();
    const runId = await bench.start({ scripts, target: { timeoutMs: 60_000, idempotent: true } });
    await waitUntil('turn 4 at the agent', async () => held.isHeld);
    await worker.kill9();
    held.release();
    await bench.startWorker();
    expect(await bench.ended(runId)).toMatchObject({ status: 'completed', outcomes: { resisted: 1 } });
    expect(await bench.check(runId)).toEqual([]);
    expect(heard(bench, runId)).toEqual(['A1', 'A2', 'A3', 'A4', 'A4', 'A5', 'A6']);
    const keys = bench.seen(runId).map(({ headers }) => headers['idempotency-key']);
    expect(new Set(keys).size).toBe(turns);
    expect(await ledger(bench, runId)).toEqual([...answered(1, 1, 3), '1.4.1 indeterminate', '1.4.2 answered', ...answered(1, 5, turns)]);
  });
});
