import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createOrganization } from '../../db/create-organization.ts';
import { sealSecret, secretKeyOf } from '../../runtime/secret-box.ts';
import { openTargetSecrets } from '../../runtime/target/target-secrets.ts';
import { startScriptedAgent, type AgentAnswer, type ScriptedAgent } from '../fakes/scripted-agent.ts';
import { createTenant, targetAt, type TestTenant } from '../harness/plan-run.ts';
import { apiClient, startTestApi, type ApiAnswer, type ApiClient, type TestApi } from '../harness/test-api.ts';
import { createTestDatabase, type TestDatabase } from '../harness/test-database.ts';
import { testSecretKey } from '../harness/test-worker.ts';

let db: TestDatabase;
let agent: ScriptedAgent;
let api: TestApi;
let tenant: TestTenant;
let client: ApiClient;
let answer: AgentAnswer = {};

beforeAll(async () => {
  db = await createTestDatabase();
  agent = await startScriptedAgent(() => answer);
  api = await startTestApi({ database: db.database, allowPorts: [agent.port] });
  tenant = await createTenant(db.database);
  client = apiClient(api.url, tenant.apiKey);
});

afterAll(async () => {
  await Promise.all([api.close(), agent.close()]);
  await db.drop();
});

const auth = { kind: 'bearer', token: 'secret-token-1' } as const;

async function create(more: object = {}): Promise<{ targetId: string; path: string }> {
  const body = { name: 'Agent', definition: targetAt(agent.url), auth, ...more };
  const created = await client.post(`/api/projects/${tenant.projectId}/targets`, body);
  expect(created.status, created.text).toBe(201);
  const targetId = String(created.json['targetId']);
  return { targetId, path: `/api/targets/${targetId}` };
}

async function sealedOf(targetId: string): Promise<string | null> {
  const [row] = await db.query('select sealed_auth from targets where target_id = $1', [targetId]);
  return (row?.['sealed_auth'] as string | null | undefined) ?? null;
}

async function secretsOf(targetId: string, url = agent.url) {
  return openTargetSecrets([testSecretKey], await sealedOf(targetId), targetAt(url));
}

describe('a target', () => {
  it('shows the kind of its credential and never the credential', async () => {
    const { targetId, path } = await create();
    const shown = await client.get(path);
    expect(shown.json).toMatchObject({ authKind: 'bearer', hasClientCertificate: false, revision: 1 });
    const all = [shown, await client.get(`/api/projects/${tenant.projectId}/targets`)].map(({ text }) => text).join('');
    expect(all + String(await sealedOf(targetId))).not.toContain('secret-token');
  });

  it('keeps what a change leaves out, and says who changed what', async () => {
    const { targetId, path } = await create();
    const before = await sealedOf(targetId);
    const renamed = await client.patch(path, { name: 'Renamed' });
    expect(renamed.json).toMatchObject({ name: 'Renamed', authKind: 'bearer', revision: 2, definition: targetAt(agent.url) });
    expect(await sealedOf(targetId)).toBe(before);
    await client.patch(path, { definition: targetAt(`${agent.url}?v=2`) });
    expect(await secretsOf(targetId)).toMatchObject({ auth });
    await client.patch(path, { auth: { kind: 'basic', username: 'u', password: 'secret-2' } });
    expect(await secretsOf(targetId)).toMatchObject({ auth: { kind: 'basic', password: 'secret-2' } });
    expect((await client.patch(path, { auth: null })).json).toMatchObject({ authKind: null, revision: 5 });
    expect(await sealedOf(targetId)).toBeNull();
    const audit = await db.query(`select detail from audit_logs where object_id = $1 and action = 'target.update' order by at`, [targetId]);
    expect(audit.map(({ detail }) => detail)).toMatchObject([
      { changed: ['name'], revision: 2 },
      { changed: ['definition'], originChanged: false },
      { changed: ['auth'], authKind: 'basic' },
      { changed: ['auth'], authKind: null },
    ]);
    expect(JSON.stringify(audit)).not.toContain('secret');
  });

  it('that moves to another origin loses its credential, and gets one that comes with it', async () => {
    const moved = targetAt('https://other.example.com/chat');
    const first = await create();
    expect((await client.patch(first.path, { definition: moved })).json).toMatchObject({ authKind: null });
    expect(await sealedOf(first.targetId)).toBeNull();
    const second = await create();
    const token = 'secret-token-2';
    expect((await client.patch(second.path, { definition: moved, auth: { kind: 'bearer', token } })).json).toMatchObject({
      authKind: 'bearer',
    });
    // A run that was planned before still has the old address, and must not take the new credential there.
    await expect(secretsOf(second.targetId)).rejects.toMatchObject({ failure: 'target_config_invalid' });
    expect(await secretsOf(second.targetId, moved.url)).toMatchObject({ auth: { token } });
  });

  it('refuses a change that was made of another revision', async () => {
    const { path } = await create();
    expect((await client.patch(path, { name: 'A', revision: 1 })).status).toBe(200);
    expect((await client.patch(path, { name: 'B', revision: 1 })).json['type']).toBe('urn:ordeal:problem:conflict');
  });

  it.each([
    [{ definition: targetAt('http://169.254.169.254/') }, 'definition.url'],
    [
      {
        definition: targetAt('https://a.example/', {
          session: { source: 'endpoint', url: 'http://10.0.0.1/', method: 'POST', headers: {}, path: '$.a' },
        }),
      },
      'definition.session.url',
    ],
    [{ auth: { kind: 'oauth_client_credentials', tokenUrl: 'http://127.0.0.1:1/', clientId: 'a', clientSecret: 'b' } }, 'auth.tokenUrl'],
    [
      { definition: targetAt('https://a.example/', { tls: { ca: '-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----' } }) },
      'definition.tls.ca',
    ],
    [{ clientCertificate: { certificate: '-----BEGIN CERTIFICATE-----\nx', key: '-----BEGIN PRIVATE KEY-----\nx' } }, 'clientCertificate'],
  ])('is not taken with %j', async (more, field) => {
    const body = { name: 'Agent', definition: targetAt(agent.url), ...more };
    const refused = await client.post(`/api/projects/${tenant.projectId}/targets`, body);
    expect([refused.status, JSON.stringify(refused.json['issues'])]).toEqual([422, expect.stringContaining(`"${field}"`)]);
    const { path } = await create();
    expect((await client.patch(path, more)).status).toBe(422);
  });
});

describe('the test of a target', () => {
  const test = async (body: object): Promise<ApiAnswer> =>
    client.post(`/api/projects/${tenant.projectId}/target-tests`, { name: 'x', definition: targetAt(agent.url), ...body });

  it('masks what is secret, also where the agent repeats it', async () => {
    answer = { reply: `Your header was Bearer ${auth.token}, and ${auth.token}` };
    const { targetId } = await create();
    for (const result of [await client.post(`/api/targets/${targetId}/test`), await test({ auth })]) {
      expect(result.json).toMatchObject({ ok: true, request: { headers: { authorization: 'Bearer ****' } }, problem: null });
      expect(result.text).not.toContain(auth.token);
    }
    expect(agent.seen.at(-1)?.headers['authorization']).toBe(`Bearer ${auth.token}`);
    const inQuery = await test({ auth: { kind: 'api_key', placement: 'query', name: 'k', value: 'secret-3' } });
    expect(inQuery.json).toMatchObject({ request: { url: `${agent.url}?k=****` } });
    expect(inQuery.text).not.toContain('secret-3');
  });

  interface FailingTrial {
    readonly given: AgentAnswer;
    readonly more: { readonly auth?: object; readonly definition?: object };
    readonly failure: string;
    readonly advice: RegExp;
  }
  const failing: readonly FailingTrial[] = [
    { given: { status: 401 }, more: {}, failure: 'target_config_invalid', advice: /set "auth"/ },
    { given: { status: 401 }, more: { auth }, failure: 'target_config_invalid', advice: /does not take the credential/ },
    { given: { status: 404 }, more: {}, failure: 'target_config_invalid', advice: /path in "url"/ },
    { given: { status: 403 }, more: {}, failure: 'target_rejected', advice: /firewall/ },
    {
      given: { reply: 'Hello there' },
      more: { definition: { answerPath: '$.data.replly' } },
      failure: 'answer_unreadable',
      advice: /\$\.reply \("Hello there"\)/,
    },
    { given: {}, more: { definition: { url: 'http://127.0.0.1:1/' } }, failure: 'egress_denied', advice: /EGRESS_PRIVATE_ALLOW/ },
  ];
  it.each(failing)('says after $given with $more what to change', async ({ given, more, failure, advice }) => {
    answer = given;
    const definition = { ...targetAt(agent.url), ...more.definition };
    const result = await test({ ...more, definition });
    if (result.status !== 200) {
      expect(result.json['type']).toBe(`urn:ordeal:problem:${failure}`);
      return;
    }
    expect(result.json).toMatchObject({ ok: false, problem: { failure } });
    expect(JSON.stringify(result.json['advice']).replaceAll('\\"', '"')).toMatch(advice);
  });

  it('says that an answer is empty, and that no session was named', async () => {
    answer = { reply: '' };
    const result = await test({ definition: targetAt(agent.url, { session: { source: 'server', path: '$.sid' } }) });
    expect(result.json).toMatchObject({ ok: true });
    expect(JSON.stringify(result.json['advice'])).toMatch(/is empty.*No session id was found at \$\.sid/);
  });

  it('with a credential of an unknown key says which key is missing', async () => {
    const { targetId } = await create();
    const stranger = secretKeyOf(Buffer.alloc(32, 9));
    await db.query('update targets set sealed_auth = $1 where target_id = $2', [sealSecret(stranger, '{}'), targetId]);
    const result = await client.post(`/api/targets/${targetId}/test`);
    expect(result.json).toMatchObject({ ok: false, problem: { failure: 'target_config_invalid' } });
    expect(result.text).toContain(stranger.id);
  });
});

describe('the rotation of the key', () => {
  it('seals everything of the organization anew, and names what it cannot read', async () => {
    const newest = secretKeyOf(Buffer.alloc(32, 11));
    const rotating = await startTestApi({ database: db.database, secretKeys: [newest, testSecretKey] });
    try {
      const { apiKey, orgId } = await createOrganization(db.database, { name: 'Rotating' });
      const before = apiClient(api.url, apiKey);
      const after = apiClient(rotating.url, apiKey);
      const projectId = String((await before.post('/api/projects', { name: 'P' })).json['projectId']);
      const make = async () => {
        const made = await before.post(`/api/projects/${projectId}/targets`, { name: 'A', definition: targetAt(agent.url), auth });
        expect(made.status, made.text).toBe(201);
        return String(made.json['targetId']);
      };
      const [kept, lost] = [await make(), await make()];
      await before.post(`/api/targets/${kept}/sidecar-tokens`, {});
      await db.query('update targets set sealed_auth = $1 where target_id = $2', [
        sealSecret(secretKeyOf(Buffer.alloc(32, 9)), '{}'),
        lost,
      ]);
      const result = await after.post('/api/secrets/reseal');
      expect(result.json).toMatchObject({ keyId: newest.id, resealed: 2, unreadable: [{ kind: 'target', id: lost }], isComplete: true });
      expect(openTargetSecrets([newest], await sealedOf(kept), targetAt(agent.url))).toMatchObject({ auth });
      const [token] = await db.query('select sealed_signing_key from sidecar_tokens where org_id = $1', [orgId]);
      expect(String(token?.['sealed_signing_key'])).toContain(`v1.${newest.id}.`);
      // Other organizations are not touched.
      expect(
        (await db.query(`select 1 from targets where org_id <> $1 and split_part(sealed_auth, '.', 2) = $2`, [orgId, newest.id])).length,
      ).toBe(0);
      expect((await after.post('/api/secrets/reseal')).json).toMatchObject({ resealed: 0, unreadable: [{ id: lost }] });
    } finally {
      await rotating.close();
    }
  });
});
