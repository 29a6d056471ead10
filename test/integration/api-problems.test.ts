import { connect } from 'node:net';

import { describe, expect, it } from 'vitest';

import { endpoints } from '../../api/endpoints.ts';
import { mintAccessToken } from '../../runtime/access-token.ts';
import { newId } from '../../runtime/new-id.ts';
import { createTenant } from '../harness/plan-run.ts';
import { apiClient } from '../harness/test-api.ts';
import { useApi } from '../harness/use-api.ts';
import { waitUntil } from '../harness/wait-until.ts';

const under = useApi();

function fieldsOf(answer: { readonly json: unknown }): string[] {
  const { issues = [] } = answer.json as { readonly issues?: readonly { readonly field: string }[] };
  return issues.map((issue) => issue.field);
}

describe('bad requests', () => {
  const badBodies: [string, string, RegExp, string][] = [
    ['cut off', '{"name": "x"', /ends too early at line 1, column 13/, 'body'],
    ['a stray character', '{"name": }', /unexpected character at line 1, column 10/, 'body'],
    ['an error in the third line', '{\n"name":\n nope}', /line 3, column 2/, 'body'],
    ['no object', '[]', /must be an object/, 'body'],
    ['null', 'null', /must be an object/, 'body'],
    ['another type', '{"name": 7}', /name must be a string/, 'name'],
    ['a blank name', '{"name": "  "}', /must not be blank/, 'name'],
    ['a misspelt field', '{"nmae": "x"}', /did you mean "name"/, 'nmae'],
    ['NUL', '{"name": "a\\u0000b"}', /NUL/, 'name'],
    ['a lone surrogate', '{"name": "\\ud800"}', /surrogate/, 'name'],
    ['NUL in a key', '{"a\\u0000": 1}', /NUL/, 'body'],
    ['__proto__', '{"name": "x", "__proto__": {"isAdmin": true}}', /__proto__ is not an allowed name/, '__proto__'],
    ['a deep tree', `{"name": ${'['.repeat(100_000)}`, /deeper than 64/, 'body'],
    ['a long name', JSON.stringify({ name: 'x'.repeat(201) }), /at most 200/, 'name'],
    ['a choice there is not', '{"name": "x", "environment": "live"}', /must be one of test, staging, production/, 'environment'],
  ];
  it.each(badBodies)('a body with %s is refused with its place or field', async (...[, body, detail, field]) => {
    const answer = await under.client.post('/api/projects', body);
    expect(answer.status).toBe(400);
    expect(answer.json['detail']).toMatch(detail);
    expect(fieldsOf(answer)).toContain(field);
  });

  it('leaves the prototypes of the process as they were', async () => {
    await under.client.post('/api/projects', '{"name":"x","constructor":{"prototype":{"isAdmin":true}}}');
    await under.client.get('/api/projects?__proto__[isAdmin]=true&constructor.prototype.isAdmin=true');
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
  });

  it('keeps text of every script unchanged', async () => {
    const name = 'Ω مرحبا 👩‍👩‍👧 \u202e ﷽ ź';
    const created = await under.client.post('/api/projects', { name });
    const read = await under.client.get(`/api/projects/${String(created.json['projectId'])}`);
    expect(read.json['name']).toBe(name);
  });

  it('refuses another media type, content encoding and encoding', async () => {
    const { client } = under;
    expect((await client.post('/api/projects', 'name=x', { 'content-type': 'application/x-www-form-urlencoded' })).status).toBe(415);
    expect((await client.post('/api/projects', '{"name":"x"}', { 'content-encoding': 'gzip' })).status).toBe(415);
    const latin1 = await fetch(`${under.api.url}/api/projects`, {
      method: 'POST',
      headers: { authorization: `Bearer ${under.tenant.apiKey}`, 'content-type': 'application/json' },
      body: Buffer.from('{"name":"é"}', 'latin1'),
    });
    expect([latin1.status, ((await latin1.json()) as { detail: string }).detail]).toEqual([400, 'The body is not valid UTF-8.']);
  });

  it('refuses a large body before it is parsed, with and without a declared length', async () => {
    const big = JSON.stringify({ name: 'x'.repeat(300_000) });
    expect((await under.client.post('/api/projects', big)).status).toBe(413);
    const chunked = await fetch(`${under.api.url}/api/projects`, {
      method: 'POST',
      headers: { authorization: `Bearer ${under.tenant.apiKey}`, 'content-type': 'application/json' },
      body: new ReadableStream({
        start: (controller) => {
          for (let index = 0; index < 20; index += 1) controller.enqueue(Buffer.alloc(30_000, 0x20));
          controller.close();
        },
      }),
      duplex: 'half',
    } as RequestInit);
    expect(chunked.status).toBe(413);
  });

  it('names a query parameter that is wrong or unknown', async () => {
    const { client } = under;
    expect(fieldsOf(await client.get('/api/projects?limit=0'))).toEqual(['query.limit']);
    expect(fieldsOf(await client.get('/api/projects?limit=1&limit=2'))).toEqual(['query.limit']);
    expect(fieldsOf(await client.get('/api/projects?limit=101'))).toEqual(['query.limit']);
    expect(fieldsOf(await client.get('/api/projects?limt=5'))).toEqual(['query.limt']);
    expect(fieldsOf(await client.get('/api/runs?status=done'))).toEqual(['query.status']);
    expect(fieldsOf(await client.get('/api/projects?cursor=nonsense'))).toEqual(['query.cursor']);
    expect(fieldsOf(await client.get(`/api/projects?cursor=${Buffer.from('["runs","x"]').toString('base64url')}`))).toEqual([
      'query.cursor',
    ]);
  });

  it.each(['actor', 'action', 'objectType', 'objectId'])('refuses NUL in the filter %s', async (filter) => {
    const answer = await under.client.get(`/api/audit-logs?${filter}=%00`);
    expect([answer.status, fieldsOf(answer)]).toEqual([400, [`query.${filter}`]]);
  });

  const forged: [string, string, unknown][] = [
    ['/api/projects', 'projects', 'prj_\0'],
    ['/api/projects', 'projects', 'prj_\uD800'],
    ['/api/runs', 'runs', '\0'],
    ['/api/approvals', 'approvals', '\0'],
    ['/api/dead-letters', 'dead-letters', '\0'],
    ['/api/audit-logs', 'audit-logs', ['yesterday', 'aud_x']],
    ['/api/audit-logs', 'audit-logs', ['2026-02-30T00:00:00Z', 'aud_x']],
    ['/api/audit-logs', 'audit-logs', ['0000-01-01T00:00:00Z', 'aud_x']],
    ['/api/audit-logs', 'audit-logs', ['2026-11-21T00:00:00Z', 'aud_\0']],
    ['/api/policies', 'policies', ['pol_x', 2 ** 40]],
    ['/api/policies', 'policies', ['pol_x', -1]],
  ];
  it.each(forged)('refuses a cursor of %s that %s could not have given: %j', async (path, list, key) => {
    const answer = await under.client.get(`${path}?cursor=${Buffer.from(JSON.stringify([list, key])).toString('base64url')}`);
    expect([answer.status, fieldsOf(answer)]).toEqual([400, ['query.cursor']]);
  });

  it('answers unknown paths, other methods and broken escapes with problems', async () => {
    const { client, api } = under;
    expect((await client.get('/api/nothing')).status).toBe(404);
    expect((await client.get('/api/projects/%ZZ')).status).toBe(400);
    expect((await client.get('/api/projects/%00')).status).toBe(404);
    const wrong = await fetch(`${api.url}/api/projects`, { method: 'DELETE' });
    expect([wrong.status, wrong.headers.get('allow')?.split(', ').toSorted()]).toEqual([405, ['GET', 'HEAD', 'POST']]);
  });

  it('keeps a sane request id and replaces another', async () => {
    const { client } = under;
    expect((await client.get('/api/projects', { 'x-request-id': 'abc-1' })).headers.get('x-request-id')).toBe('abc-1');
    expect((await client.get('/api/nothing', { 'x-request-id': 'abc-2' })).json['requestId']).toBe('abc-2');
    for (const bad of ['a b', 'x'.repeat(200), '{"level":"info"}']) {
      expect((await client.get('/api/projects', { 'x-request-id': bad })).headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    }
  });

  it('ends a connection that drips its headers', async () => {
    const socket = connect(Number(new URL(under.api.url).port), '127.0.0.1');
    const startedAtMs = Date.now();
    socket.write('GET /health HTTP/1.1\r\n');
    const drip = setInterval(() => socket.write('x-a: b\r\n'), 500);
    socket.on('error', () => undefined);
    await new Promise((resolve) => socket.once('close', resolve));
    clearInterval(drip);
    // Less than it would have for a whole request.
    expect(Date.now() - startedAtMs).toBeLessThan(25_000);
  });
});

describe('authentication', () => {
  const protectedEndpoints = endpoints.filter((endpoint) => endpoint.auth !== 'none').map((endpoint) => [endpoint.id, endpoint] as const);

  it.each(protectedEndpoints)('%s takes nobody without the right kind of credential', async (_id, endpoint) => {
    const { api, tenant } = under;
    const path = endpoint.path.replace(/:\w+/g, 'x');
    const call = (token: string) => {
      const client = apiClient(api.url, token);
      return endpoint.method === 'get' ? client.get(path) : client[endpoint.method](path, {});
    };
    expect((await call('')).status).toBe(401);
    expect((await call('nonsense')).status).toBe(401);
    const forged = mintAccessToken('apiKey', tenant.orgId, newId('apiKey')).token;
    const sidecar = mintAccessToken('sidecar', tenant.orgId, newId('sidecarToken')).token;
    expect((await call(forged)).status).toBe(401);
    expect((await call(sidecar)).status).toBe(401);
  });

  it('refuses a key that was revoked or has expired', async () => {
    const { api, db, client } = under;
    const revoked = await createTenant(db.database, 'Revoked');
    const expired = await createTenant(db.database, 'Expired');
    expect((await apiClient(api.url, revoked.apiKey).get('/api/projects')).status).toBe(200);
    await db.query('update api_keys set revoked_at = now() where org_id = $1', [revoked.orgId]);
    await db.query("update api_keys set expires_at = now() - interval '1 second' where org_id = $1", [expired.orgId]);
    expect((await apiClient(api.url, revoked.apiKey).get('/api/projects')).status).toBe(401);
    expect((await apiClient(api.url, expired.apiKey).get('/api/projects')).status).toBe(401);
    expect((await client.get('/api/projects')).status).toBe(200);
  });
});

describe('what anybody may see', () => {
  it('is health, documentation and nothing from another host', async () => {
    const client = apiClient(under.api.url, '');
    for (const path of ['/health', '/health/live', '/health/ready', '/health/db', '/health/temporal', '/openapi.json']) {
      await waitUntil(`${path} to be 200`, async () => (await client.get(path)).status === 200);
    }
    const page = await client.get('/documentation');
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self'");
    const assets = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? '');
    expect(assets.length).toBeGreaterThan(3);
    for (const asset of assets) {
      expect(asset).toMatch(/^\/documentation\//);
      expect((await client.get(asset)).status).toBe(200);
    }
  });
});
