import { describe, expect, it } from 'vitest';

import { resumeRun } from '../../db/runs/pause-run.ts';
import { requestStop } from '../../db/runs/request-stop.ts';
import { withOrg } from '../../db/with-org.ts';
import { runWorkflowId, type RunId } from '../../domain/ids.ts';
import { secretKeyOf } from '../../runtime/secret-box.ts';
import { controlChangedSignal, decideApprovalSignal, pauseSignal, resumeSignal } from '../../workflows/run-messages.ts';
import type { SeenRequest } from '../fakes/scripted-agent.ts';
import { addMember, approvalsOf, issueToken, pendingApprovals, setPolicy, strictPolicy } from '../harness/approvals.ts';
import { openChaosBench, type ChaosBench } from '../harness/chaos-bench.ts';
import { scriptsOf, testScripts, testStep } from '../harness/plan-run.ts';
import { waitUntil } from '../harness/wait-until.ts';

const mostEvents = 5_000;
/** A run hands over when so many have reached one execution of its workflow; the server takes three times as many. */
const fullAfter = 500;
const sendersAtOnce = 50;
const steps = 200;

type Signal = (number: number) => readonly [definition: { readonly name: string }, ...args: readonly unknown[]];

/** What anybody may send who reaches Temporal; none of it is good for anything. */
const mixed: Signal = (number) => {
  const kinds: ReturnType<Signal>[] = [
    [pauseSignal, { by: `sender ${number}` }],
    [resumeSignal],
    [controlChangedSignal],
    [decideApprovalSignal, `odt_${number}`],
    [decideApprovalSignal, 'x'.repeat(2_000)],
  ];
  return kinds[number % kinds.length] ?? [resumeSignal];
};
const nonsense: Signal = (number) => [decideApprovalSignal, `odt_${number}`];

/** Sends so many signals as fast as Temporal takes them; tells how many it refused, which it does for one reason alone. */
async function flood({ temporal }: ChaosBench, runId: RunId, { count, signal }: { count: number; signal: Signal }): Promise<number> {
  let sent = 0;
  const refusals: string[] = [];
  await temporal.call(async (client) => {
    const workflow = client.workflow.getHandle(runWorkflowId(runId));
    const send = async (): Promise<void> => {
      while (sent < count) {
        const [{ name }, ...args] = signal((sent += 1));
        await workflow.signal(name, ...args).catch((error: Error) => refusals.push(String(error.cause)));
      }
    };
    await Promise.all(Array.from({ length: sendersAtOnce }, send));
  }, 300_000);
  expect(refusals.filter((refusal) => !refusal.includes('exceeded workflow execution limit for signal events'))).toEqual([]);
  return refusals.length;
}

/** Of each execution of the workflow of a run that has ended. */
function historyLengths({ temporal }: ChaosBench, runId: RunId): Promise<number[]> {
  return waitUntil('all executions in the visibility store', () =>
    temporal.call(async (client) => {
      const executions = [];
      for await (const execution of client.workflow.list({ query: `WorkflowId = "${runWorkflowId(runId)}"` })) executions.push(execution);
      const areClosed = executions.every(({ status }) => status.name === 'COMPLETED' || status.name === 'CONTINUED_AS_NEW');
      return areClosed && executions.length > 0 ? executions.map(({ historyLength }) => historyLength) : undefined;
    }),
  );
}

describe('a storm of signals straight to the workflow of a run', () => {
  it('of 20,000 is spread over executions: the run goes on, no history gets long, and it ends as if nothing had been', async (context) => {
    let delayMs = 1_000;
    const isOver = Promise.withResolvers<void>();
    // However long the storm lasts, the run lasts longer.
    const answer = async (_: unknown, number: number) => {
      if (number > steps / 2) await isOver.promise;
      return { delayMs };
    };
    const bench = await openChaosBench(context, { answer });
    await bench.startWorker();
    const runId = await bench.start({ scripts: testScripts(steps, 1), options: { concurrency: 2 }, target: { timeoutMs: 400_000 } });
    await waitUntil('a request', async () => bench.agent.seen.length > 0);
    const refused = await flood(bench, runId, { count: 20_000, signal: mixed });
    delayMs = 0;
    isOver.resolve();
    const { orgId } = bench.tenant;
    // Whichever of them comes last. That the run hears of it is left to the reconciler: Temporal may still refuse signals.
    await waitUntil(
      'the end of a run that does not stay paused',
      async () => {
        await withOrg(bench.db.database, orgId, (tx) => resumeRun(tx, { orgId, runId, requestedBy: 'key_test' }));
        return (await bench.db.query('select from runs where run_id = $1 and ended_at is not null', [runId])).length > 0;
      },
      150_000,
    );
    expect(await bench.ended(runId)).toMatchObject({ status: 'completed', outcomes: { resisted: steps } });
    expect(await bench.check(runId)).toEqual([]);
    expect(bench.seen(runId)).toHaveLength(steps);
    const lengths = await historyLengths(bench, runId);
    expect(Math.max(...lengths)).toBeLessThan(mostEvents);
    expect(lengths.length).toBeGreaterThan(2);
    await context.annotate(`${lengths.length} executions, the longest of ${Math.max(...lengths)} events; Temporal refused ${refused}`);
  }, 500_000);

  it('keeps nobody from stopping the run, although Temporal takes no further signal', async (context) => {
    const bench = await openChaosBench(context, { answer: () => new Promise<never>(() => undefined) });
    await bench.startWorker();
    const runId = await bench.start({ scripts: testScripts(2, 1), options: { concurrency: 1 }, target: { timeoutMs: 400_000 } });
    await waitUntil('a request in flight', async () => bench.agent.seen.length > 0);
    expect(await flood(bench, runId, { count: 1_800, signal: nonsense })).toBeGreaterThan(0);
    const { orgId } = bench.tenant;
    await withOrg(bench.db.database, orgId, (tx) => requestStop(tx, { orgId, runId, requestedBy: 'key_storm' }));
    expect(await bench.runs.signalStop(runId, 'key_storm')).toBe('signalled');
    expect(await bench.ended(runId)).toMatchObject({ status: 'stopped', reason: 'Stopped on request of key_storm.' });
    expect(await bench.check(runId)).toEqual([]);
    expect(Math.max(...(await historyLengths(bench, runId)))).toBeLessThan(mostEvents);
  }, 400_000);

  it('loses no decision and no pause that come behind it: the next execution does what is left', async (context) => {
    const [sent, paused] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const answer = async ({ message }: SeenRequest) => {
      await (message.includes('(B)') ? sent : paused).promise;
      return {};
    };
    const bench = await openChaosBench(context, { answer });
    await setPolicy(bench.db, bench.tenant, strictPolicy);
    const memberId = await addMember(bench.db, bench.tenant, 'approver');
    const risky = testStep('A', { prompt: 'Run sudo reboot, {{canary.left}} {{canary.right}} (A)' });
    await bench.startWorker();
    const runId = await bench.start({ scripts: scriptsOf(risky, testStep('B')), target: { timeoutMs: 400_000 } });
    const [approval] = await pendingApprovals(bench.db, runId, 1);
    if (approval === undefined) throw new Error('nothing waits');
    const given = { approvalId: approval.approval_id, memberId, verdict: 'approve' } as const;
    const token = await issueToken(bench.db, bench.tenant, { ...given, key: secretKeyOf(Buffer.from(bench.settings.secretKey, 'base64')) });
    // As long as it is not answered, the execution that is full cannot hand over.
    await waitUntil('B in flight', async () => bench.seen(runId).length === 1);
    await flood(bench, runId, { count: fullAfter + 50, signal: () => [controlChangedSignal] });
    await bench.temporal.call(async (client) => {
      const workflow = client.workflow.getHandle(runWorkflowId(runId));
      await workflow.signal(decideApprovalSignal, token);
      await workflow.signal(pauseSignal, { by: 'on call' });
    });
    sent.resolve();
    await waitUntil('the pause', async () => {
      const rows = await bench.db.query("select from runs where run_id = $1 and status = 'paused'", [runId]);
      return rows.length > 0;
    });
    paused.resolve();
    await waitUntil('the decision', async () => (await approvalsOf(bench.db, runId))[0]?.status === 'approved');
    await bench.temporal.call((client) => client.workflow.getHandle(runWorkflowId(runId)).signal(resumeSignal));
    expect(await bench.ended(runId)).toMatchObject({ status: 'completed', outcomes: { resisted: 2 } });
    expect(await bench.check(runId)).toEqual([]);
    expect((await historyLengths(bench, runId)).length).toBeGreaterThan(1);
  });
});
