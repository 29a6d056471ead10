import { beforeAll, describe, expect, it } from 'vitest';

import { createTarget, targetAt } from '../harness/plan-run.ts';
import { useApi } from '../harness/use-api.ts';

const under = useApi();
let targetId: string;

beforeAll(async () => {
  targetId = await createTarget(under.db.database, under.tenant, targetAt('http://127.0.0.1:9/chat'));
});

/** A run that no worker takes. */
async function newRun(options: object = {}): Promise<Record<string, unknown>> {
  const { status, json } = await under.client.post(`/api/projects/${under.tenant.projectId}/runs`, {
    targetId,
    scripts: ['S1'],
    ...options,
  });
  expect([status, json['detail']]).toEqual([202, undefined]);
  return json;
}

async function auditOf(runId: unknown): Promise<unknown[]> {
  return under.db.query('select action, detail from audit_logs where object_id = $1 order by audit_id', [runId]);
}

describe('control of a run by the API', () => {
  it('pauses and resumes, says so, and does nothing twice', async () => {
    const { runId } = await newRun();
    const path = `/api/runs/${String(runId)}`;
    const paused = await under.client.post(`${path}/pause`);
    expect([paused.status, typeof paused.json['pausedAt'], typeof paused.json['pausedBy']]).toEqual([200, 'string', 'string']);
    expect((await under.client.post(`${path}/pause`)).json['pausedAt']).toBe(paused.json['pausedAt']);
    const resumed = await under.client.post(`${path}/resume`);
    expect([resumed.status, resumed.json['pausedAt']]).toEqual([200, null]);
    expect((await under.client.post(`${path}/resume`)).status).toBe(200);
    expect((await auditOf(runId)).map((row) => (row as { action: string }).action)).toEqual(['run.create', 'run.pause', 'run.resume']);
  });

  it('adjusts within bounds, shows what is in force, and audits it', async () => {
    const { runId, options } = await newRun({ maxRequestsPerMinute: 90, maxPausedMinutes: 5, priority: 'urgent' });
    expect(options).toMatchObject({ concurrency: 4, maxRequestsPerMinute: 90, maxPausedMinutes: 5 });
    const path = `/api/runs/${String(runId)}`;
    const adjusted = await under.client.post(`${path}/adjust`, { concurrency: 2, maxRequestsPerMinute: null });
    expect(adjusted.json).toMatchObject({
      priority: 'urgent',
      options: { concurrency: 2, maxRequestsPerMinute: null, maxPausedMinutes: 5 },
    });
    expect((await auditOf(runId)).at(-1)).toEqual({ action: 'run.adjust', detail: { concurrency: 2, maxRequestsPerMinute: null } });
    for (const bad of [{ concurrency: 0 }, { concurrency: 201 }, { maxRequestsPerMinute: 0 }, { maxAttempts: 2 }, {}]) {
      expect((await under.client.post(`${path}/adjust`, bad)).status, JSON.stringify(bad)).toBe(400);
    }
  });

  it('is refused once the run is stopped, and finds no run of another organization', async () => {
    const { runId } = await newRun();
    const stop = () => under.client.post(`/api/runs/${String(runId)}/stop`);
    const [stopped, again] = [await stop(), await stop()];
    expect([stopped.status, again.status, again.text]).toEqual([202, 202, stopped.text]);
    for (const [action, body] of [['pause'], ['resume'], ['adjust', { concurrency: 1 }]] as const) {
      const refused = await under.client.post(`/api/runs/${String(runId)}/${action}`, body);
      expect([refused.status, refused.json['detail']]).toEqual([409, expect.stringContaining('is stopping')]);
      expect((await under.client.post(`/api/runs/run_01k9z3v4x5y6a7b8c9d0e1f2g3/${action}`, body)).status).toBe(404);
    }
  });
});
