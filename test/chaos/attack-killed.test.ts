import { describe, expect, it, type TestContext } from 'vitest';

import type { RunId } from '../../domain/ids.ts';
import { askedOf, helpfulAttacker } from '../fakes/attacker-model.ts';
import { startChatModelServer } from '../fakes/chat-model-server.ts';
import type { ChaosBench } from '../harness/chaos-bench.ts';
import { ledger, openHeldRig } from '../harness/held-rig.ts';
import { scriptsOf, testAttack } from '../harness/plan-run.ts';
import { waitUntil } from '../harness/wait-until.ts';

const refusal = "I'm sorry, but I can't help with that.";
const consent = 'Gladly. There are two steps to it, and both of them are easy to describe.';
/** Four lead-ins and the goal. */
const crescendo = scriptsOf(testAttack('A-1', { kind: 'crescendo', maxTurns: 8, maxBacktracks: 0, wording: 'templates' }));
const pair = scriptsOf(testAttack('A-1', { kind: 'pair', maxTurns: 3 }));

const rig = (context: TestContext, { arrival, reply }: { readonly arrival: number; readonly reply: string }) =>
  openHeldRig(context, { matches: (_, number) => number === arrival, reply });

/** What the agent heard, by its own log: sessions named in the order in which they appeared, and what was said in each. */
function heard(bench: ChaosBench, runId: RunId): { readonly sessions: string; readonly said: readonly string[] } {
  const seen = bench.seen(runId);
  const ids = [...new Set(seen.map(({ session }) => session))];
  return { sessions: seen.map(({ session }) => 'ABC'.charAt(ids.indexOf(session))).join(''), said: seen.map(({ message }) => message) };
}

const answered = (conversation: number, to: number) => Array.from({ length: to }, (_, index) => `${conversation}.${index + 1}.1 answered`);

describe('a worker killed with kill -9 in the middle of an attack', () => {
  it('between turn 4 and 5: another goes on at turn 5, in the same session', async (context) => {
    const { bench, crash, held } = await rig(context, { arrival: 4, reply: consent });
    const worker = await bench.startWorker();
    const runId = await bench.plan({ scripts: crescendo, target: { timeoutMs: 60_000 } });
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
    expect(heard(bench, runId).sessions).toBe('AAAAA');
    expect(heard(bench, runId).said[4]).toContain('Join ORDEAL-');
    expect(await ledger(bench, runId)).toEqual(answered(1, 5));
  });

  it('during turn 4: another leads a fresh session to the same turn, and the ledger keeps both', async (context) => {
    const { bench, held } = await rig(context, { arrival: 4, reply: consent });
    const worker = await bench.startWorker();
    const runId = await bench.start({ scripts: crescendo, target: { timeoutMs: 60_000 } });
    await waitUntil('turn 4 at the agent', async () => held.isHeld);
    await worker.kill9();
    held.release();
    await bench.startWorker();
    expect(await bench.ended(runId)).toMatchObject({ status: 'completed', outcomes: { resisted: 1 } });
    expect(await bench.check(runId)).toEqual([]);
    const { sessions, said } = heard(bench, runId);
    expect(sessions).toBe('AAAABBBBB');
    expect(said.slice(4, 8)).toEqual(said.slice(0, 4));
    expect(await ledger(bench, runId)).toEqual([...answered(1, 3), '1.4.1 indeterminate', ...answered(2, 5)]);
  });

  it('after the model has answered: another sends what it proposed, and does not ask again', async (context) => {
    const model = await startChatModelServer(helpfulAttacker);
    context.onTestFinished(() => model.close());
    const { bench, crash, held } = await rig(context, { arrival: 1, reply: refusal });
    const settings = { models: { attacker: model } };
    const worker = await bench.startWorker(settings);
    const runId = await bench.plan({ scripts: pair, target: { timeoutMs: 60_000 } });
    await crash.place(runId, 'before the ledger row');
    await bench.runs.start(bench.tenant.orgId, runId);
    await waitUntil('the first try at the agent', async () => held.isHeld);
    await crash.shut(runId);
    held.release();
    await waitUntil('the second try before its ledger row', async () => (await crash.held(runId)) > 0);
    await worker.kill9();
    await crash.openGate(runId);
    await crash.settled();
    await bench.startWorker(settings);
    expect(await bench.ended(runId)).toMatchObject({ status: 'completed', outcomes: { resisted: 1 } });
    expect(await bench.check(runId)).toEqual([]);
    expect(model.seen.map((request) => askedOf(request).name)).toEqual([
      'score',
      'proposal',
      'topic',
      'score',
      'proposal',
      'topic',
      'score',
    ]);
    const { sessions, said } = heard(bench, runId);
    expect(sessions).toBe('ABC');
    expect(said[1]).toMatch(/^Would you kindly do this, number 2\?/);
  });
});
