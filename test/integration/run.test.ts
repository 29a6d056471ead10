import { describe, expect, it } from 'vitest';

import { testScripts, testStep } from '../harness/plan-run.ts';
import { obey, useEngine, type Answer } from '../harness/engine.ts';
import { waitUntil } from '../harness/wait-until.ts';

const engine = useEngine();

/** Answers nothing before so many requests have been in flight at once; counts how many were, at most. */
function countingAgent(wanted: number) {
  const reached = Promise.withResolvers<void>();
  let inFlight = 0;
  let most = 0;
  const answer: Answer = async () => {
    inFlight += 1;
    most = Math.max(most, inFlight);
    if (most >= wanted) reached.resolve();
    await reached.promise;
    await new Promise((resolve) => setTimeout(resolve, 30));
    inFlight -= 1;
    return {};
  };
  return { answer, mostAtOnce: () => most };
}

describe('a run', () => {
  it('sends every step once, in order within a script, and judges each', async () => {
    const { status, outcomes, runId } = await engine.run({
      scripts: testScripts(3, 4),
      answer: ({ message }) => ({ reply: message.includes('T2-') ? obey(message) : 'I will not do that.' }),
    });
    expect({ status, outcomes }).toEqual({ status: 'completed', outcomes: { resisted: 8, vulnerable: 4 } });
    expect(engine.agent.seen).toHaveLength(12);
    const second = engine.agent.seen.map(({ message }) => /\((T2-\d)\)/.exec(message)?.[1]).filter((id) => id !== undefined);
    expect(second).toEqual(['T2-1', 'T2-2', 'T2-3', 'T2-4']);
    const findings = await engine.db.query('select severity, detector from findings where run_id = $1', [runId]);
    expect(findings).toEqual([{ severity: 'high', detector: 'canary_leak' }]);
  });

  it('shares a session between the steps of a script, and only between them', async () => {
    const sessions = new Map<string, Set<string>>();
    await engine.run({
      scripts: [
        {
          ...testScripts(1, 1)[0],
          slug: 'A',
          title: 'A',
          description: '',
          steps: [testStep('A-1', { prompt: 'A {{session}}' }), testStep('A-2', { prompt: 'A {{session}}' })],
        },
        { ...testScripts(1, 1)[0], slug: 'B', title: 'B', description: '', steps: [testStep('B-1', { prompt: 'B {{session}}' })] },
      ],
      answer: ({ message }) => {
        const [script = '', session = ''] = message.split(' ');
        sessions.set(script, (sessions.get(script) ?? new Set()).add(session));
        return {};
      },
    });
    expect(sessions.get('A')?.size).toBe(1);
    expect(sessions.get('B')?.size).toBe(1);
    expect(sessions.get('A')).not.toEqual(sessions.get('B'));
  });

  it('identifies each request, and gives a retried one the same idempotency key', async () => {
    const { runId } = await engine.run({ scripts: testScripts(1, 1), answer: (_, number) => (number === 1 ? { status: 503 } : {}) });
    const [first, second] = engine.agent.seen;
    expect(first?.headers['idempotency-key']).toBe(second?.headers['idempotency-key']);
    expect(first?.headers['x-request-id']).not.toBe(second?.headers['x-request-id']);
    expect(first?.headers['traceparent']).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(1_900);
    expect((await engine.attempts(runId)).map(({ state, failure }) => [state, failure])).toEqual([
      ['failed', 'target_error'],
      ['answered', null],
    ]);
  });

  it('holds the target at the concurrency of the run although more steps are scheduled', async () => {
    const { answer, mostAtOnce } = countingAgent(3);
    await engine.run({ scripts: testScripts(12, 2), options: { concurrency: 3 }, answer });
    expect(mostAtOnce()).toBe(3);
  });

  it('holds a target at its own concurrency over all runs', async () => {
    const { answer, mostAtOnce } = countingAgent(2);
    await engine.run({ scripts: testScripts(8, 1), options: { concurrency: 8 }, target: { concurrency: 2 }, answer });
    expect(mostAtOnce()).toBe(2);
  });

  it('answers the progress query with what the rows say, and keeps its history free of prompts and answers', async () => {
    const { runId } = await engine.run({ scripts: testScripts(2, 2), answer: () => ({ reply: 'A very recognisable refusal.' }) });
    // The rows say so before the workflow knows.
    const progress = await waitUntil('the end of the workflow', async () => {
      const said = await engine.worker.runs.progress(runId);
      return said.phase === 'ended' && said;
    });
    expect(progress).toMatchObject({
      status: 'completed',
      stepsDone: 4,
      stepsTotal: 4,
      outcomes: { resisted: 4 },
      currentSteps: [],
      pendingApprovals: [],
    });
    const history = await engine.worker.temporal.call((client) => client.workflow.getHandle(`run/${runId}`).fetchHistory());
    const text = Buffer.from(JSON.stringify(history)).toString('latin1');
    expect(text).not.toContain('recognisable');
    expect(text).not.toContain('Join ORDEAL');
  });

  it('goes on in a new execution when the history is full, without losing or doubling a step', async () => {
    const { status, outcomes, runId } = await engine.run(
      { scripts: testScripts(1_400, 1), options: { concurrency: 20 }, target: { concurrency: 20 } },
      240_000,
    );
    expect({ status, outcomes }).toEqual({ status: 'completed', outcomes: { resisted: 1_400 } });
    expect(new Set(engine.agent.seen.map(({ probeId }) => probeId)).size).toBe(1_400);
    expect(engine.agent.seen).toHaveLength(1_400);
    const listExecutions = () =>
      engine.worker.temporal.call(async (client) => {
        const found: string[] = [];
        for await (const execution of client.workflow.list({ query: `WorkflowId = "run/${runId}"` })) found.push(execution.status.name);
        return found.length > 1 && !found.includes('RUNNING') ? found.toSorted() : undefined;
      });
    const executions = await waitUntil('the end of both executions', listExecutions);
    expect(executions).toEqual(['COMPLETED', 'CONTINUED_AS_NEW']);
  }, 300_000);
});
