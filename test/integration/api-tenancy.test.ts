import { sql } from 'kysely';
import { beforeAll, describe, expect, it } from 'vitest';

import { endpoints } from '../../api/endpoints.ts';
import { withOrg } from '../../db/with-org.ts';
import { inWaves } from '../harness/in-waves.ts';
import { createTarget, createTenant, planRun, targetAt, testScripts, type TestTenant } from '../harness/plan-run.ts';
import { apiClient, at, type ApiClient } from '../harness/test-api.ts';
import { useApi } from '../harness/use-api.ts';

const under = useApi();
const definition = targetAt('https://agent.example.com/chat');

interface Foreign {
  readonly tenant: TestTenant;
  readonly ids: Readonly<Record<string, string>>;
}

let foreign: Foreign;

beforeAll(async () => {
  const { db, api } = under;
  const tenant = await createTenant(db.database, 'Foreign');
  const targetId = await createTarget(db.database, tenant, definition);
  const runId = await planRun(db.database, { tenant, targetId, definition, scripts: testScripts(1, 2) });
  const client = apiClient(api.url, tenant.apiKey);
  const probeId = String(at((await client.get(`/api/runs/${runId}/probes`)).json, 'items.0.probeId'));
  const scriptId = String(at((await client.get('/api/scripts')).json, 'items.0.scriptId'));
  const { memberId, keyId } = (await client.get('/api/whoami')).json as { memberId: string; keyId: string };
  const webhook = await client.post('/api/webhooks', { url: 'https://hooks.example.com/' });
  const webhookId = String(webhook.json['webhookId']);
  const deliveryId = String((await client.post(`/api/webhooks/${webhookId}/test`)).json['deliveryId']);
  const tokenId = String((await client.post(`/api/targets/${targetId}/sidecar-tokens`, {})).json['tokenId']);
  const own = { projectId: tenant.projectId, webhookId, deliveryId, tokenId };
  foreign = { tenant, ids: { ...own, targetId, runId, probeId, scriptId, memberId, keyId } };
});

describe('a tenant', () => {
  const withIds = endpoints.filter((endpoint) => endpoint.path.includes(':')).map((endpoint) => [endpoint.id, endpoint] as const);

  it.each(withIds)('gets 404 from %s for the objects of another, and for none at all, in the same words', async (_id, endpoint) => {
    const bodies: Record<string, unknown> = {
      createTarget: { name: 'x', definition },
      testNewTarget: { name: 'x', definition },
      updateTarget: { name: 'x' },
      createRun: { targetId: foreign.ids['targetId'] },
      createSidecarToken: {},
      changeMemberRole: { role: 'viewer' },
      changeProjectStyles: { styles: ['plain'] },
      rotateApiKey: {},
      checkPolicy: { document: { rules: [{ name: 'all', when: {}, action: 'allow' }] } },
      adjustRun: { concurrency: 2 },
      changeProjectEnvironment: { environment: 'staging' },
      confirmProduction: { statement: 'no_customer_traffic', reason: 'x' },
      createSchedule: { name: 'x', timing: { cron: ['@daily'] }, run: { targetId: foreign.ids['targetId'] } },
      changeSchedule: { isPaused: true },
      changeWebhook: { isEnabled: false },
      rotateWebhookSecret: {},
      backfillSchedule: { from: '2026-11-10T00:00:00Z', to: '2026-11-11T00:00:00Z' },
    };
    const call = (client: ApiClient, path: string) =>
      endpoint.method === 'get' ? client.get(path) : client[endpoint.method](path, bodies[endpoint.id]);
    const path = endpoint.path.replace(/:(\w+)/g, (_whole, name: string) => foreign.ids[name] ?? name);
    const theirs = await call(under.client, path);
    const absent = await call(under.client, path.replace(/_[0-9a-z]{26}/g, '_01k9z3v4x5y6a7b8c9d0e1f2g3'));
    expect([theirs.status, absent.status]).toEqual([404, 404]);
    expect(String(theirs.json['detail']).replace(/_[0-9a-z]{26}/g, '')).toBe(String(absent.json['detail']).replace(/_[0-9a-z]{26}/g, ''));
  });

  it('cannot name the target of another, or of another project, in the body of a run', async () => {
    const { client, tenant } = under;
    const path = `/api/projects/${tenant.projectId}/runs`;
    expect((await client.post(path, { targetId: foreign.ids['targetId'] })).status).toBe(404);
    const other = await client.post('/api/projects', { name: 'Other' });
    const target = await client.post(`/api/projects/${String(other.json['projectId'])}/targets`, { name: 'x', definition });
    expect((await client.post(path, { targetId: target.json['targetId'] })).status).toBe(404);
  });

  it('sees nothing of another in any list, not even by filter or cursor', async () => {
    const { client } = under;
    expect((await client.get('/api/runs')).json['items']).toEqual([]);
    expect((await client.get(`/api/runs?projectId=${foreign.tenant.projectId}`)).json['items']).toEqual([]);
    const cursor = Buffer.from(JSON.stringify(['projects', 'prj_zzzzzzzzzzzzzzzzzzzzzzzzzz'])).toString('base64url');
    const projects = (await client.get(`/api/projects?cursor=${cursor}`)).json['items'] as unknown as { projectId: string }[];
    expect(projects.map((project) => project.projectId)).not.toContain(foreign.tenant.projectId);
  });

  it('sees no foreign row in any table by a query without its filter', async () => {
    const { db, tenant } = under;
    const tables = await db.query<{ name: string }>(
      "select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'public' and c.relkind = 'r' and c.relname <> 'schema_migrations'",
    );
    expect(tables.length).toBeGreaterThan(15);
    for (const { name } of tables) {
      const rows = await withOrg(db.database, tenant.orgId, (tx) =>
        sql<{ count: number }>`select count(*)::int as count from ${sql.table(name)} where org_id <> ${tenant.orgId}`.execute(tx),
      );
      expect([name, rows.rows[0]?.count]).toEqual([name, 0]);
    }
  });

  it('cannot write into another, and leaves nothing of itself on a pooled connection', async () => {
    const { db, tenant } = under;
    const write = withOrg(db.database, tenant.orgId, (tx) =>
      tx.insertInto('projects').values({ org_id: foreign.tenant.orgId, project_id: 'prj_x', name: 'x' }).execute(),
    );
    await expect(write).rejects.toThrow(/row-level security/);
    const results = await inWaves(200, async (index) => {
      const own = index % 2 === 0 ? tenant : foreign.tenant;
      const rows = await withOrg(db.database, own.orgId, (tx) => tx.selectFrom('projects').select('org_id').execute());
      return rows.every((row) => row.org_id === own.orgId) && rows.length > 0;
    });
    expect(results).toEqual(Array(200).fill(true));
  });
});
