import { createHmac } from 'node:crypto';

import { beforeAll, describe, expect, it } from 'vitest';

import { loadTurnEvents } from '../../db/runs/turn-events.ts';
import { withOrg } from '../../db/with-org.ts';
import type { ProbeId } from '../../domain/ids.ts';
import { sidecarSigningKey } from '../../runtime/access-token.ts';
import { createTarget, planRun, targetAt, testScripts } from '../harness/plan-run.ts';
import { apiClient, type ApiAnswer } from '../harness/test-api.ts';
import { useApi } from '../harness/use-api.ts';

const under = useApi();
const definition = targetAt('https://agent.example.com/chat', { sidecar: true });
let token = '';
let probeIds: ProbeId[] = [];
let foreignProbeId = '';

beforeAll(async () => {
  const { db, tenant, client } = under;
  const targetId = await createTarget(db.database, tenant, definition);
  token = String((await client.post(`/api/targets/${targetId}/sidecar-tokens`, {})).json['token']);
  const runId = await planRun(db.database, { tenant, targetId, definition, scripts: testScripts(1, 8) });
  probeIds = await probesOf(runId);
  const otherTarget = await createTarget(db.database, tenant, definition);
  foreignProbeId =
    (await probesOf(await planRun(db.database, { tenant, targetId: otherTarget, definition, scripts: testScripts(1, 1) })))[0] ?? '';
});

async function probesOf(runId: string): Promise<ProbeId[]> {
  const rows = await under.db.query<{ probe_id: ProbeId }>('select probe_id from probes where run_id = $1 order by position', [runId]);
  return rows.map((row) => row.probe_id);
}

let nextStream = 0;
const newStream = () => `stream-${(nextStream += 1)}`;

function event(stream: string, sequence: number, overrides: Readonly<Record<string, unknown>> = {}) {
  return { eventId: `${stream}/${sequence}`, stream, sequence, type: 'turn_started', occurredAt: '2026-11-21T04:50:00.000Z', ...overrides };
}

function toolCall(args: unknown = { to: 'a@example.com' }) {
  return { type: 'tool_call', tool: { name: 'send_mail', arguments: args, effect: 'send', executed: true } };
}

function sign(body: string, options: { readonly key?: string; readonly atMs?: number } = {}): string {
  const time = Math.floor((options.atMs ?? Date.now()) / 1_000);
  return `t=${time},v1=${createHmac('sha256', options.key ?? sidecarSigningKey(token))
    .update(`${time}.${body}`)
    .digest('hex')}`;
}

function send(events: readonly unknown[], options: { readonly signature?: string; readonly text?: string } = {}): Promise<ApiAnswer> {
  const body = options.text ?? JSON.stringify({ events });
  return apiClient(under.api.url, token).post('/api/ingest/events', body, {
    'x-ordeal-signature': options.signature ?? sign(body),
    'idempotency-key': '',
  });
}

function turnOf(probeId: ProbeId, answeredTurns = 1) {
  return withOrg(under.db.database, under.tenant.orgId, (tx) =>
    loadTurnEvents(tx, under.tenant.orgId, { probeIds: [probeId], answeredTurns }),
  );
}

describe('POST /api/ingest/events', () => {
  it('stores a batch once, however often and in whatever order it comes', async () => {
    const stream = newStream();
    const batch = [event(stream, 1), event(stream, 2, toolCall()), event(stream, 3, { type: 'turn_ended' })];
    expect((await send(batch.toReversed())).json).toEqual({ accepted: 3, duplicates: 0, errors: [] });
    const repeats = await Promise.all(Array.from({ length: 10 }, () => send(batch)));
    for (const { json } of repeats) expect(json).toEqual({ accepted: 0, duplicates: 3, errors: [] });
    expect(await under.db.query('select 1 from events where stream = $1', [stream])).toHaveLength(3);
    expect((await send([event(stream, 4), event(stream, 4)])).json).toEqual({ accepted: 1, duplicates: 1, errors: [] });
  });

  it('stores each event once when the same batch comes ten times at once', async () => {
    const stream = newStream();
    const batch = Array.from({ length: 100 }, (_, index) => event(stream, index + 1));
    const answers = await Promise.all(Array.from({ length: 10 }, () => send(batch)));
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
    expect(answers.reduce((sum, { json }) => sum + Number(json['accepted']), 0)).toBe(100);
    expect(await under.db.query('select 1 from events where stream = $1', [stream])).toHaveLength(100);
  });

  it('keeps the good items of a batch and names what is wrong with the others', async () => {
    const stream = newStream();
    const { status, json } = await send([
      event(stream, 1),
      event(stream, 0),
      event(stream, 2, { type: 'tool_call' }),
      event(stream, 3, { type: 'turn_ende' }),
      event(stream, 4, { occurredAt: 'yesterday' }),
      'nonsense',
      event(stream, 5, { colour: 'red' }),
      event(stream, 6, toolCall()),
    ]);
    expect(status).toBe(200);
    expect([json['accepted'], json['duplicates']]).toEqual([2, 0]);
    const errors = json['errors'] as unknown as { index: number; eventId?: string; message: string }[];
    expect(errors.map(({ index, message }) => `${index} ${message.split(' ')[0] ?? ''}`)).toEqual([
      '1 sequence',
      '2 tool',
      '3 type',
      '4 occurredAt',
      '5 body',
      '6 colour',
    ]);
    expect(errors[0]?.eventId).toBe(`${stream}/0`);
  });

  it('refuses a second event for the same place in a stream, and keeps the first', async () => {
    const stream = newStream();
    await send([event(stream, 1, { eventId: 'first' })]);
    const { json } = await send([event(stream, 1, { eventId: 'forged' }), event(stream, 2)]);
    expect(json).toEqual({
      accepted: 1,
      duplicates: 0,
      errors: [{ index: 0, eventId: 'forged', message: `sequence 1 of stream "${stream}" belongs to another event already` }],
    });
  });

  it('shows a lost event as a gap, and a late one closes it', async () => {
    const stream = newStream();
    const [probeId] = probeIds;
    if (probeId === undefined) throw new Error('no probe');
    const turn = [
      event(stream, 7, { probeId }),
      event(stream, 8, { probeId, ...toolCall() }),
      event(stream, 9, { probeId, type: 'turn_ended' }),
    ];
    await send([turn[0], turn[2]]);
    expect((await turnOf(probeId)).completeness).toEqual({ kind: 'gap', missing: 1 });
    await send([turn[1]]);
    expect((await turnOf(probeId)).completeness).toEqual({ kind: 'complete' });
    expect((await turnOf(probeId)).events.map(({ type }) => type)).toEqual(['turn_started', 'tool_call', 'turn_ended']);
  });

  it('takes the events of a conversation as complete only when every turn that was answered has its end', async () => {
    const stream = newStream();
    const probeId = probeIds.at(-1);
    if (probeId === undefined) throw new Error('no probe');
    await send([event(stream, 1, { probeId }), event(stream, 2, { probeId, type: 'turn_ended' })]);
    expect((await turnOf(probeId)).completeness).toEqual({ kind: 'complete' });
    expect((await turnOf(probeId, 2)).completeness).toEqual({ kind: 'open', detail: 'the end of 1 of 2 turns has not arrived' });
    await send([event(stream, 3, { probeId })]);
    expect((await turnOf(probeId)).completeness).toEqual({ kind: 'open', detail: 'the end of a turn has not arrived' });
    await send([event(stream, 4, { probeId, type: 'turn_ended' })]);
    expect((await turnOf(probeId, 2)).completeness).toEqual({ kind: 'complete' });
  });

  it('does not let a sidecar speak of the probes of another target', async () => {
    const stream = newStream();
    expect(
      (await send([event(stream, 1, { probeId: foreignProbeId }), event(stream, 2, { probeId: 'prb_unknown' })])).json['accepted'],
    ).toBe(2);
    expect(await under.db.query('select probe_id from events where stream = $1', [stream])).toEqual([
      { probe_id: null },
      { probe_id: null },
    ]);
  });

  it('cuts a payload over 64 KB and says so', async () => {
    const stream = newStream();
    expect((await send([event(stream, 1, toolCall({ text: 'x'.repeat(70_000) }))])).json['accepted']).toBe(1);
    const [row] = await under.db.query<{ is_truncated: boolean; tool: { name: string; arguments: Record<string, unknown> } }>(
      'select is_truncated, tool from events where stream = $1',
      [stream],
    );
    expect([row?.is_truncated, row?.tool.name, row?.tool.arguments['$truncated']]).toEqual([true, 'send_mail', true]);
  });

  it('replaces what cannot be stored instead of losing the event', async () => {
    const stream = newStream();
    const text = JSON.stringify({ events: [event(stream, 1, toolCall({ note: 'HERE', __proto: 1 }))] })
      .replace('HERE', 'a\\u0000b\\ud800')
      .replace('"__proto"', '"__proto__"');
    expect((await send([], { text })).json['accepted']).toBe(1);
    const [row] = await under.db.query<{ tool: { arguments: Record<string, unknown> } }>('select tool from events where stream = $1', [
      stream,
    ]);
    expect(row?.tool.arguments['note']).toBe('a\uFFFDb\uFFFD');
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
  });

  it('takes no batch without a fitting signature of the last five minutes', async () => {
    const events = [event(newStream(), 1)];
    const body = JSON.stringify({ events });
    const bad = [
      '',
      'nonsense',
      sign(body, { key: 'other' }),
      sign(`${body} `),
      sign(body, { atMs: Date.now() - 301_000 }),
      sign(body, { atMs: Date.now() + 360_000 }),
    ];
    for (const signature of bad) {
      const { status, json } = await send(events, { signature });
      expect([status, json['type']]).toEqual([401, 'urn:ordeal:problem:unauthenticated']);
    }
    expect((await send(events, { signature: sign(body, { atMs: Date.now() - 270_000 }) })).status).toBe(200);
  });

  it('takes 100 events and 1 MB at most', async () => {
    const stream = newStream();
    expect((await send(Array.from({ length: 101 }, (_, index) => event(stream, index + 1)))).status).toBe(400);
    expect((await send([])).status).toBe(400);
    expect((await send([event(stream, 1, toolCall({ text: 'x'.repeat(1_100_000) }))])).status).toBe(413);
    expect(await under.db.query('select 1 from events where stream = $1', [stream])).toEqual([]);
  });

  it('takes no token that was revoked', async () => {
    await under.db.query('update sidecar_tokens set revoked_at = now()');
    expect((await send([event(newStream(), 1)])).status).toBe(401);
  });
});
