import { beforeAll, describe, expect, it } from 'vitest';

import { accessTable, mayCall, type Access } from '../../api/access-table.ts';
import { endpoints } from '../../api/endpoints.ts';
import type { SidecarTokenId } from '../../domain/ids.ts';
import { roles, type Role } from '../../domain/roles.ts';
import { mintAccessToken } from '../../runtime/access-token.ts';
import { createTarget, createTenant, targetAt } from '../harness/plan-run.ts';
import { apiClient, type ApiClient } from '../harness/test-api.ts';
import { useApi } from '../harness/use-api.ts';

const under = useApi();
const absent = (name: string): string => {
  const prefix = { memberId: 'mbr', keyId: 'key', projectId: 'prj', targetId: 'tgt', runId: 'run', probeId: 'prb', scriptId: 'scr' }[name];
  return `${prefix ?? name}_01k9z3v4x5y6a7b8c9d0e1f2g3`;
};

async function keyOf(role: Role): Promise<{ client: ApiClient; memberId: string; keyId: string }> {
  const member = await under.client.post('/api/members', { name: `A ${role}`, role });
  const memberId = String(member.json['memberId']);
  const key = await under.client.post('/api/api-keys', { memberId, name: role });
  expect([member.status, key.status]).toEqual([201, 201]);
  return { client: apiClient(under.api.url, String(key.json['apiKey'])), memberId, keyId: String(key.json['keyId']) };
}

describe('the access table', () => {
  let clients: Record<Role, ApiClient>;
  let keys: Record<Role, string>;
  beforeAll(async () => {
    const made = await Promise.all(roles.map(async (role) => [role, await keyOf(role)] as const));
    clients = Object.fromEntries(made.map(([role, { client }]) => [role, client])) as Record<Role, ApiClient>;
    keys = Object.fromEntries(made.map(([role, { keyId }]) => [role, keyId])) as Record<Role, string>;
  });

  it('has a row for each endpoint, of the kind of access that the endpoint asks for, and no other row', () => {
    expect(Object.keys(accessTable).toSorted()).toEqual(endpoints.map(({ id }) => id).toSorted());
    const kinds = { none: 'anyone', sidecar: 'sidecar', apiKey: 'roles' };
    for (const { id, auth } of endpoints) {
      const access: Access = accessTable[id];
      expect([id, typeof access === 'string' ? access : 'roles']).toEqual([id, kinds[auth]]);
    }
  });

  const keyed = endpoints.filter(({ auth }) => auth === 'apiKey');
  it.each(keyed.map((endpoint) => [endpoint.id, endpoint] as const))(
    'is what the router holds %s to, for every role',
    async (id, endpoint) => {
      const path = endpoint.path.replace(/:(\w+)/g, (_whole, name: string) => absent(name));
      for (const role of roles) {
        const { status } = await (endpoint.method === 'get' ? clients[role].get(path) : clients[role][endpoint.method](path, {}));
        expect([id, role, status === 403]).toEqual([id, role, !mayCall(id, role)]);
      }
    },
  );

  it('leaves one audit row for each of these refusals, and none for what was let through', async () => {
    const rows = await under.db.query<{ actor: string; endpoint: string; count: number }>(
      "select actor, object_id as endpoint, count(*)::int as count from audit_logs where action = 'denied' and org_id = $1 group by 1, 2",
      [under.tenant.orgId],
    );
    const refused = roles.flatMap((role) => keyed.filter(({ id }) => !mayCall(id, role)).map(({ id }) => `${keys[role]} ${id} 1`));
    const told = rows.filter(({ actor }) => Object.values(keys).includes(actor));
    expect(told.map(({ actor, endpoint, count }) => `${actor} ${endpoint} ${count}`).toSorted()).toEqual(refused.toSorted());
  });

  it('refuses a key of a role before it looks for the object, so that a refusal tells nothing', async () => {
    const own = await under.client.get('/api/api-keys');
    const { keyId } = (own.json['items'] as { keyId: string }[])[0] ?? { keyId: '' };
    const [existing, missing] = await Promise.all(
      [keyId, absent('keyId')].map((id) => clients.operator.post(`/api/api-keys/${id}/revoke`)),
    );
    expect([existing?.status, missing?.status]).toEqual([403, 403]);
    expect(existing?.json['detail']).toBe(missing?.json['detail']);
  });
});

describe('keys and members', () => {
  it('let a revoked key, and every key of a removed member, do nothing from the next request on', async () => {
    const revoked = await keyOf('operator');
    const removed = await keyOf('viewer');
    expect((await revoked.client.get('/api/projects')).status).toBe(200);
    await under.client.post(`/api/api-keys/${revoked.keyId}/revoke`);
    await under.client.post(`/api/members/${removed.memberId}/remove`);
    expect((await revoked.client.get('/api/projects')).status).toBe(401);
    expect((await removed.client.get('/api/projects')).status).toBe(401);
    const again = await under.client.post('/api/api-keys', { memberId: removed.memberId, name: 'again' });
    expect([again.status, again.json['detail']]).toEqual([409, expect.stringMatching(/was removed/)]);
  });

  it('leave an audit row when a dead key is used, and when a token is used where its kind does not belong', async () => {
    const failuresOf = async (actor: string) => {
      const { json } = await under.client.get(`/api/audit-logs?action=denied&actor=${actor}`);
      return (json['items'] as { objectId: string; detail: { failure: string } }[]).map((row) => [row.objectId, row.detail.failure]);
    };
    const revoked = await keyOf('operator');
    await under.client.post(`/api/api-keys/${revoked.keyId}/revoke`);
    expect((await revoked.client.get('/api/projects')).status).toBe(401);
    expect(await failuresOf(revoked.keyId)).toEqual([['listProjects', 'unauthenticated']]);
    const live = await keyOf('viewer');
    expect((await live.client.post('/api/ingest/events', {})).status).toBe(403);
    expect(await failuresOf(live.keyId)).toEqual([['ingestEvents', 'forbidden']]);
    const targetId = await createTarget(under.db.database, under.tenant, targetAt('http://127.0.0.1:1'));
    const made = await under.client.post(`/api/targets/${targetId}/sidecar-tokens`, { name: 'agent' });
    const sidecar = apiClient(under.api.url, String(made.json['token']));
    expect((await sidecar.get('/api/runs')).status).toBe(403);
    expect(await failuresOf(String(made.json['tokenId']))).toEqual([['listRuns', 'forbidden']]);
    const forged = apiClient(under.api.url, mintAccessToken('sidecar', under.tenant.orgId, made.json['tokenId'] as SidecarTokenId).token);
    expect((await forged.get('/api/runs')).status).toBe(401);
    expect(await failuresOf(String(made.json['tokenId']))).toHaveLength(1);
  });

  it('reduce a key to reading when its member is given a role that may not hold it', async () => {
    const { client, memberId } = await keyOf('operator');
    expect((await client.post('/api/projects', { name: 'Before' })).status).toBe(201);
    await under.client.post(`/api/members/${memberId}/role`, { role: 'approver' });
    expect((await client.post('/api/projects', { name: 'After' })).status).toBe(403);
    expect((await client.get('/api/whoami')).json).toMatchObject({ memberId, role: 'viewer' });
    await under.client.post(`/api/members/${memberId}/role`, { role: 'admin' });
    expect((await client.get('/api/whoami')).json['role']).toBe('operator');
  });

  it('refuse a key above the role of its member', async () => {
    const { memberId } = await keyOf('operator');
    const refused = await under.client.post('/api/api-keys', { memberId, name: 'more', role: 'admin' });
    expect([refused.status, refused.json['detail']]).toEqual([
      409,
      expect.stringMatching(/is operator and cannot hold a key that is admin/),
    ]);
  });

  it('let the old key of a rotation work for the overlap, and not at all without one', async () => {
    const first = await keyOf('operator');
    const second = await under.client.post(`/api/api-keys/${first.keyId}/rotate`, {});
    expect([second.status, second.json['role'], second.json['memberId']]).toEqual([201, 'operator', first.memberId]);
    expect((await first.client.get('/api/whoami')).status).toBe(200);
    const third = await under.client.post(`/api/api-keys/${String(second.json['keyId'])}/rotate`, { overlapHours: 0 });
    expect((await apiClient(under.api.url, String(second.json['apiKey'])).get('/api/whoami')).status).toBe(401);
    expect((await apiClient(under.api.url, String(third.json['apiKey'])).get('/api/whoami')).status).toBe(200);
    await under.db.query("update api_keys set expires_at = now() - interval '1 second' where key_id = $1", [first.keyId]);
    expect((await first.client.get('/api/whoami')).status).toBe(401);
  });

  it('show the secret of a key once, and store none', async () => {
    const made = await keyOf('viewer');
    const list = await under.client.get(`/api/api-keys?memberId=${made.memberId}`);
    expect(list.json['items']).toMatchObject([{ keyId: made.keyId, role: 'viewer', revokedAt: null }]);
    expect(list.text).not.toContain('ordeal_');
    const dump = JSON.stringify(await under.db.query('select k.*, i.body from api_keys k left join idempotency_keys i using (org_id)'));
    expect(dump).not.toMatch(/ordeal_[0-9a-z]{26}_/);
  });
});

describe('the last admin', () => {
  it('can be neither removed, nor made less, nor left without a lasting key', async () => {
    const { url } = under.api;
    const tenant = await createTenant(under.db.database, 'Alone');
    const client = apiClient(url, tenant.apiKey);
    const { memberId, keyId } = (await client.get('/api/whoami')).json as { memberId: string; keyId: string };
    const refused = await Promise.all([
      client.post(`/api/members/${memberId}/remove`),
      client.post(`/api/members/${memberId}/role`, { role: 'operator' }),
      client.post(`/api/api-keys/${keyId}/revoke`),
    ]);
    expect(refused.map(({ status }) => status)).toEqual([409, 409, 409]);
    expect((await client.post(`/api/api-keys/${keyId}/rotate`, { overlapHours: 0 })).status).toBe(201);
  });

  it('remains in 100 races of two admins who remove each other', async () => {
    const outcomes: number[] = [];
    for (let round = 0; round < 10; round += 1)
      outcomes.push(...(await Promise.all(Array.from({ length: 10 }, (_, index) => race(10 * round + index)))));
    expect(outcomes.filter((admins) => admins !== 1)).toEqual([]);
    expect(outcomes).toHaveLength(100);
  });

  /** How many admins are left of two. */
  async function race(index: number): Promise<number> {
    const tenant = await createTenant(under.db.database, `Race ${index}`);
    const first = apiClient(under.api.url, tenant.apiKey);
    const { memberId: firstId } = (await first.get('/api/whoami')).json;
    const { memberId: secondId } = (await first.post('/api/members', { name: 'Second', role: 'admin' })).json;
    const key = await first.post('/api/api-keys', { memberId: secondId, name: 'second' });
    const second = apiClient(under.api.url, String(key.json['apiKey']));
    await Promise.all([first.post(`/api/members/${String(secondId)}/remove`), second.post(`/api/members/${String(firstId)}/remove`)]);
    const [row] = await under.db.query<{ count: number }>(
      "select count(*)::int as count from members where org_id = $1 and role = 'admin' and removed_at is null",
      [tenant.orgId],
    );
    return row?.count ?? -1;
  }
});
