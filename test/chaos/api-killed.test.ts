import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';

import { describe, expect, it, type TestContext } from 'vitest';

import type { RunId } from '../../domain/ids.ts';
import type { ApiProcess } from '../harness/api-process.ts';
import { openChaosBench, type ChaosBench } from '../harness/chaos-bench.ts';
import { holdLock, waitingForLock } from '../harness/database-locks.ts';
import { createTarget, targetAt } from '../harness/plan-run.ts';
import { waitUntil } from '../harness/wait-until.ts';

const trials = 3;

describe('the API', () => {
  it('killed with kill -9 between its commit and the start of the workflow: the run starts within 5 s, once, and the key still names it', async (context) => {
    const bench = await openChaosBench(context);
    const temporalAddress = await blackHole(context);
    const ask = await startRunRequest(bench);
    const keys: string[] = [];
    for (let trial = 1; trial <= trials; trial += 1) {
      const api = await bench.startApi({ temporalAddress });
      const key = randomUUID();
      keys.push(key);
      const reply = ask(api, key).then(
        (response) => response.status,
        () => 'no answer',
      );
      await waitUntil('the committed run', async () => (await plannedRuns(bench)).length === trial);
      await api.kill9();
      // On a machine that stood still it may have given up on Temporal, and answered, before it was killed; it has started nothing.
      expect(['no answer', 202]).toContain(await reply);
    }
    const runIds = await plannedRuns(bench);
    expect(runIds).toHaveLength(trials);
    const workers = await Promise.all([bench.startWorker(), bench.startWorker()]);
    const readyAtMs = Date.now();
    for (const runId of runIds) {
      await bench.ended(runId);
      expect(await bench.check(runId)).toEqual([]);
      const [row] = await bench.db.query<{ started_at: Date }>('select started_at from runs where run_id = $1', [runId]);
      expect((row?.started_at.getTime() ?? Infinity) - readyAtMs).toBeLessThan(5_000);
    }
    await waitUntil('the count of the repairs', async () => {
      const started = await Promise.all(workers.map(async (worker) => (await worker.health()).repairs.workflow_started));
      return started.reduce((sum, count) => sum + count, 0) === trials;
    });

    const api = await bench.startApi();
    const replayed: string[] = [];
    for (const key of keys) {
      const response = await ask(api, key);
      expect(response.headers.get('idempotent-replayed')).toBe('true');
      replayed.push(((await response.json()) as { runId: string }).runId);
    }
    expect(replayed).toEqual(runIds);
    expect(await plannedRuns(bench)).toEqual(runIds);
  });

  it('ends within 30 s of a SIGTERM with code 0: requests in flight are answered, streams are ended', async (context) => {
    // The run is not to end before it is stopped.
    const bench = await openChaosBench(context, { answer: () => new Promise<never>(() => undefined) });
    const api = await bench.startApi();
    const worker = await bench.startWorker();
    const response = await (await startRunRequest(bench))(api, randomUUID());
    const { runId } = (await response.json()) as { runId: RunId };
    const headers = { authorization: `Bearer ${bench.tenant.apiKey}` };
    const stream = await fetch(`${api.url}/api/runs/${runId}/events`, { headers });
    expect(stream.headers.get('content-type')).toContain('text/event-stream');
    const streamed = stream.text();
    // From then on nobody but the stops changes the run.
    await waitUntil('a request in flight', async () => bench.seen(runId).length > 0);
    const release = await holdLock(bench.db, 'select from runs for no key update');
    const inFlight = Array.from({ length: 5 }, () =>
      fetch(`${api.url}/api/runs/${runId}/stop`, { method: 'POST', headers: { ...headers, 'idempotency-key': randomUUID() } }),
    );
    await waitUntil('five stops that wait for a lock', async () => (await waitingForLock(bench.db)) >= 5);
    const stopping = api.stop();
    await waitUntil('the API to shut down', async () => api.lastLines().some((line) => line.includes('shutting down')));
    await release();
    for (const reply of await Promise.all(inFlight)) expect(reply.status).toBeLessThan(300);
    const exit = await stopping;
    expect(exit).toMatchObject({ code: 0, signal: null });
    expect(exit.tookMs).toBeLessThan(30_000);
    expect(await streamed).toContain('event: run_queued');
    await expect(fetch(`${api.url}/health/live`)).rejects.toThrow();
    expect(await bench.ended(runId)).toMatchObject({ status: 'stopped' });
    expect(await bench.check(runId)).toEqual([]);
    expect(worker.isAlive()).toBe(true);
  });
});

/** A server that takes connections and never says a word. */
async function blackHole(context: TestContext): Promise<string> {
  const server = createServer((socket) => context.onTestFinished(() => void socket.destroy()));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.onTestFinished(() => void server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function startRunRequest(bench: ChaosBench): Promise<(api: ApiProcess, key: string) => Promise<Response>> {
  const { tenant, db, agent } = bench;
  const targetId = await createTarget(db.database, tenant, targetAt(agent.url, { timeoutMs: 60_000 }));
  return (api, key) =>
    fetch(`${api.url}/api/projects/${tenant.projectId}/runs`, {
      method: 'POST',
      headers: { authorization: `Bearer ${tenant.apiKey}`, 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify({ targetId, scripts: ['S1'] }),
    });
}

async function plannedRuns({ db }: ChaosBench): Promise<RunId[]> {
  const rows = await db.query<{ run_id: RunId }>('select run_id from runs order by created_at');
  return rows.map((row) => row.run_id);
}
