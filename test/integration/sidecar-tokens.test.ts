import { randomUUID } from 'node:crypto';

import { beforeAll, describe, expect, it } from 'vitest';

import { sidecarSigningKey } from '../../runtime/access-token.ts';
import { signBody } from '../../sidecar/sign-body.ts';
import { startCli } from '../harness/cli-process.ts';
import { createTarget, createTenant, targetAt } from '../harness/plan-run.ts';
import { apiClient, startTestApi, type ApiAnswer } from '../harness/test-api.ts';
import { useApi } from '../harness/use-api.ts';

const under = useApi();
let targetId = '';
let path = '';
beforeAll(async () => {
  targetId = await newTarget();
  path = `/api/targets/${targetId}/sidecar-tokens`;
});

const newTarget = () => createTarget(under.db.database, under.tenant, targetAt('https://agent.example.com/chat', { sidecar: true }));

interface MadeToken {
  readonly tokenId: string;
  readonly token: string;
}

async function make(name?: string): Promise<MadeToken> {
  const made = await under.client.post(path, name === undefined ? {} : { name });
  expect(made.status, made.text).toBe(201);
  return made.json as unknown as MadeToken;
}

const revoke = (tokenId: string, headers = {}): Promise<ApiAnswer> =>
  under.client.post(`/api/sidecar-tokens/${tokenId}/revoke`, undefined, headers);

/** The status with which one event is taken or refused. */
async function sendEvent({ token }: MadeToken, url = under.api.url): Promise<number> {
  const event = { eventId: randomUUID(), stream: randomUUID(), sequence: 1, type: 'turn_started', occurredAt: '2026-11-21T04:50:00.000Z' };
  const body = JSON.stringify({ events: [event] });
  const signature = signBody(body, sidecarSigningKey(token), Math.floor(Date.now() / 1_000));
  const headers = { 'x-ordeal-signature': signature, 'idempotency-key': '' };
  return (await apiClient(url, token).post('/api/ingest/events', body, headers)).status;
}

async function auditOf(tokenId: string) {
  const { json } = await under.client.get('/api/audit-logs?limit=100');
  const rows = json['items'] as readonly { readonly action: string; readonly objectId: string; readonly detail: object }[];
  return rows.filter(({ objectId }) => objectId === tokenId).map(({ action, detail }) => ({ action, detail }));
}

describe('a sidecar token that is revoked', () => {
  it('has its next event refused by every process, and leaves the other tokens of its target alone', async () => {
    const other = await startTestApi({ database: under.db.database });
    try {
      const [leaked, kept] = [await make('leaked'), await make('kept')];
      expect([await sendEvent(leaked), await sendEvent(leaked, other.url)]).toEqual([200, 200]);
      expect((await revoke(leaked.tokenId)).status).toBe(200);
      expect([await sendEvent(leaked), await sendEvent(leaked, other.url)]).toEqual([401, 401]);
      expect([await sendEvent(kept), await sendEvent(kept, other.url)]).toEqual([200, 200]);
      const [stored] = await under.db.query<{ count: number }>('select count(*)::int as count from events where token_id = $1', [
        leaked.tokenId,
      ]);
      expect(stored?.count).toBe(2);
    } finally {
      await other.close();
    }
  });

  it('stays revoked since then, with one audit row, however often and however many at once revoke it', async () => {
    const { tokenId } = await make();
    const key = { 'idempotency-key': randomUUID() };
    const first = await revoke(tokenId, key);
    const again = [await revoke(tokenId, key), ...(await Promise.all([revoke(tokenId), revoke(tokenId)]))];
    expect(again.map(({ status, json }) => [status, json])).toEqual(again.map(() => [200, first.json]));
    expect(first.json['revokedAt']).toEqual(expect.any(String));
    expect(await auditOf(tokenId)).toEqual([
      { action: 'sidecar_token.revoke', detail: { targetId } },
      { action: 'sidecar_token.create', detail: { targetId } },
    ]);
  });

  it('is not one of another organization, whose token stays as it is', async () => {
    const made = await make();
    const stranger = apiClient(under.api.url, (await createTenant(under.db.database, 'Stranger')).apiKey);
    expect((await stranger.post(`/api/sidecar-tokens/${made.tokenId}/revoke`)).status).toBe(404);
    expect((await stranger.get(path)).status).toBe(404);
    expect(await sendEvent(made)).toBe(200);
  });
});

describe('the list of sidecar tokens', () => {
  it('has those of the target, the newest first, page by page, revoked ones too, and no secret', async () => {
    const own = await newTarget();
    path = `/api/targets/${own}/sidecar-tokens`;
    const made = [await make('one'), await make(), await make('three')];
    await revoke(made[1]?.tokenId ?? '');
    const first = await under.client.get(`${path}?limit=2`);
    const second = await under.client.get(`${path}?limit=2&cursor=${String(first.json['nextCursor'])}`);
    const items = [first, second].flatMap(
      ({ json }) => json['items'] as { tokenId: string; name: string | null; revokedAt: string | null }[],
    );
    expect(items.map(({ tokenId }) => tokenId)).toEqual(made.map(({ tokenId }) => tokenId).toReversed());
    expect(items.map(({ name, revokedAt }) => [name, revokedAt === null])).toEqual([
      ['three', true],
      [null, false],
      ['one', true],
    ]);
    expect(second.json['nextCursor']).toBeNull();
    expect(first.text + second.text).not.toContain('ordealsc_');
  });
});

describe('the command lines of docs/access.md', () => {
  const ordeal = (...args: readonly string[]) => startCli(args, { ORDEAL_URL: under.api.url, ORDEAL_API_KEY: under.tenant.apiKey }).ended;

  it('create a token, list it, and revoke it', async () => {
    const created = await ordeal('sidecar-tokens', 'create', targetId, '--name', 'from a shell');
    const token = /^ordealsc_\S+$/m.exec(created.stdout)?.[0] ?? '';
    const tokenId = /^sct_\S+/m.exec(created.stdout)?.[0] ?? '';
    expect(await sendEvent({ tokenId, token })).toBe(200);
    const listed = await ordeal('sidecar-tokens', 'list', targetId);
    expect(listed.stdout).toMatch(new RegExp(`^${tokenId} .* - +from a shell$`, 'm'));
    expect((await ordeal('sidecar-tokens', 'revoke', tokenId)).code).toBe(0);
    expect(await sendEvent({ tokenId, token })).toBe(401);
  });
});
