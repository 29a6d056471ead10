import { randomUUID } from 'node:crypto';

import pg from 'pg';
import { describe, expect, it } from 'vitest';

import { endpoints } from '../../api/endpoints.ts';
import { holdLock } from '../harness/database-locks.ts';
import { createTenant, targetAt } from '../harness/plan-run.ts';
import { apiClient, startTestApi } from '../harness/test-api.ts';
import { useApi } from '../harness/use-api.ts';

const under = useApi();

async function countProjects(name: string): Promise<number> {
  return (await under.db.query('select 1 from projects where name = $1', [name])).length;
}

describe('an Idempotency-Key', () => {
  it('is required by every POST but those that change nothing, or whose effect is one by itself', async () => {
    const free = endpoints.filter((endpoint) => endpoint.method === 'post' && endpoint.kind !== 'change').map((endpoint) => endpoint.id);
    const changeNothing = ['checkPolicy', 'testNewTarget', 'testTarget'];
    // Events by their ids, calibration rows by their numbers.
    const areOneByThemselves = ['ingestEvents', 'judgeCalibrationRow'];
    expect(free.toSorted()).toEqual([...changeNothing, ...areOneByThemselves].toSorted());
    const answer = await under.client.post('/api/projects', { name: 'x' }, { 'idempotency-key': '' });
    expect([answer.status, answer.json['type']]).toEqual([400, 'urn:ordeal:problem:idempotency_key_missing']);
    expect((await under.client.post('/api/projects', { name: 'x' }, { 'idempotency-key': 'x'.repeat(256) })).status).toBe(400);
  });

  it('gives one effect and one answer, byte for byte, with one audit row', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const first = await under.client.post('/api/projects', '{"name":"Once"}', headers);
    const again = await under.client.post('/api/projects', '{ "name" : "Once" }', headers);
    expect([first.status, again.status, again.text]).toEqual([201, 201, first.text]);
    expect([first.headers.get('idempotent-replayed'), again.headers.get('idempotent-replayed')]).toEqual([null, 'true']);
    expect(await countProjects('Once')).toBe(1);
    expect(await under.db.query('select 1 from audit_logs where object_id = $1', [first.json['projectId']])).toHaveLength(1);
  });

  it('refuses another body or another path', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    await under.client.post('/api/projects', { name: 'First' }, headers);
    expect((await under.client.post('/api/projects', { name: 'Second' }, headers)).status).toBe(422);
    expect(await countProjects('Second')).toBe(0);
  });

  it('is free again after a request that was refused', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    expect((await under.client.post('/api/projects', { name: '' }, headers)).status).toBe(400);
    const url = `/api/projects/${under.tenant.projectId}/runs`;
    expect((await under.client.post(url, { targetId: 'tgt_01k9z3v4x5y6a7b8c9d0e1f2g3' }, headers)).status).toBe(404);
    expect(await under.db.query('select 1 from idempotency_keys where key = $1', [headers['idempotency-key']])).toEqual([]);
    expect((await under.client.post('/api/projects', { name: 'Good' }, headers)).status).toBe(201);
  });

  it('has one effect when twenty send it at once; the others wait or replay', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const answers = await Promise.all(Array.from({ length: 20 }, () => under.client.post('/api/projects', { name: 'Race' }, headers)));
    expect(await countProjects('Race')).toBe(1);
    const ids = new Set(answers.filter(({ status }) => status === 201).map(({ text }) => text));
    expect(ids.size).toBe(1);
    for (const { status, json } of answers) {
      expect([201, 409]).toContain(status);
      if (status === 409) expect(json['type']).toBe('urn:ordeal:problem:idempotency_in_flight');
    }
  });

  it('is told to try again while the first is in flight', async () => {
    const key = randomUUID();
    const scope = JSON.stringify([under.tenant.orgId, await apiKeyId(), 'POST /api/projects', key]);
    const release = await holdLock(under.db, `select pg_advisory_xact_lock(hashtextextended(${pg.escapeLiteral(scope)}, 0))`);
    const answer = await under.client.post('/api/projects', { name: 'Held' }, { 'idempotency-key': key });
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([409, '1']);
    expect(await countProjects('Held')).toBe(0);
    await release();
  });

  it('outlives the process', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const first = await under.client.post('/api/projects', { name: 'Survivor' }, headers);
    const other = await startTestApi({ database: under.db.database });
    const again = await apiClient(other.url, under.tenant.apiKey).post('/api/projects', { name: 'Survivor' }, headers);
    await other.close();
    expect(again.text).toBe(first.text);
  });

  it('belongs to its sender and its route, and ends after 7 days', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const first = await under.client.post('/api/projects', { name: 'Mine' }, headers);
    const stranger = await createTenant(under.db.database, 'Stranger');
    const theirs = await apiClient(under.api.url, stranger.apiKey).post('/api/projects', { name: 'Mine' }, headers);
    expect(theirs.json['projectId']).not.toBe(first.json['projectId']);
    await under.db.query("update idempotency_keys set created_at = now() - interval '8 days' where key = $1", [headers['idempotency-key']]);
    const later = await under.client.post('/api/projects', { name: 'Mine again' }, headers);
    expect([later.status, later.headers.get('idempotent-replayed')]).toEqual([201, null]);
  });

  it('replays a secret without keeping it in the clear', async () => {
    const { client, tenant, db } = under;
    const definition = { ...targetAt('https://agent.example.com/chat') };
    const auth = { kind: 'bearer', token: 'canary-credential-7f3a' };
    const target = await client.post(`/api/projects/${tenant.projectId}/targets`, { name: 'agent', definition, auth });
    expect([target.status, target.json['authKind']]).toEqual([201, 'bearer']);
    const headers = { 'idempotency-key': randomUUID() };
    const path = `/api/targets/${String(target.json['targetId'])}/sidecar-tokens`;
    const first = await client.post(path, {}, headers);
    expect((await client.post(path, {}, headers)).text).toBe(first.text);
    const secret = String(first.json['token']).slice(-49, -6);
    for (const needle of [secret, 'canary-credential-7f3a']) {
      const found = await db.query(
        `select 1 from idempotency_keys where body::text like $1 union all select 1 from sidecar_tokens where sidecar_tokens::text like $1
         union all select 1 from targets where targets::text like $1 union all select 1 from audit_logs where audit_logs::text like $1`,
        [`%${needle}%`],
      );
      expect(found).toEqual([]);
    }
  });
});

async function apiKeyId(): Promise<string> {
  const [row] = await under.db.query<{ key_id: string }>('select key_id from api_keys where org_id = $1', [under.tenant.orgId]);
  return row?.key_id ?? '';
}
