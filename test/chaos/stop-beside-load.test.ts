import { randomUUID } from 'node:crypto';

import { expect, it } from 'vitest';

import { openChaosBench } from '../harness/chaos-bench.ts';
import { holdLock, waitingForLock } from '../harness/database-locks.ts';
import { testScripts } from '../harness/plan-run.ts';
import { waitUntil } from '../harness/wait-until.ts';

it('a stop and an emergency stop are answered while all other connections of the API are held by requests that wait', async (context) => {
  // A run that ends in no other way.
  const bench = await openChaosBench(context, { answer: () => new Promise<never>(() => undefined) });
  const [api] = await Promise.all([bench.startApi(), bench.startWorker()]);
  const start = () => bench.start({ scripts: testScripts(4, 1), target: { timeoutMs: 120_000 } });
  const [stopped, halted] = await Promise.all([start(), start()]);
  await waitUntil('requests of both', async () => [stopped, halted].every((runId) => bench.seen(runId).length > 0));
  const headers = { authorization: `Bearer ${bench.tenant.apiKey}`, 'content-type': 'application/json' };
  const post = (path: string, body: object) =>
    fetch(`${api.url}${path}`, { method: 'POST', headers: { ...headers, 'idempotency-key': randomUUID() }, body: JSON.stringify(body) });
  const release = await holdLock(bench.db, 'lock table libraries in access exclusive mode');
  const crowd = Promise.all(
    Array.from({ length: 60 }, async () => {
      const reply = await fetch(`${api.url}/api/libraries`, { headers });
      return reply.status;
    }),
  );
  try {
    await waitUntil('all connections to be held', async () => (await waitingForLock(bench.db)) >= 20);
    const stop = await post(`/api/runs/${stopped}/stop`, {});
    const halt = await post('/api/emergency-stop', { reason: 'while it is busy' });
    expect([stop.status, halt.status]).toEqual([202, 200]);
  } finally {
    await release();
    await crowd;
  }
  for (const runId of [stopped, halted]) expect(await bench.ended(runId)).toMatchObject({ status: 'stopped' });
});
