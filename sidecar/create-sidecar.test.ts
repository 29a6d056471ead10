import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, expectTypeOf, it } from 'vitest';
import type { SideEffect } from '../domain/script.ts';
import { createSidecar, type Sidecar, type SidecarOptions } from './create-sidecar.ts';
import type { EventRecord, ToolEffect } from './event-record.ts';
import { signingKeyOf } from './sign-body.ts';

interface Received {
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly events: readonly EventRecord[];
  readonly atMs: number;
}
interface Answer {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

const token = 'ordealsc_test';
const open: Array<() => Promise<unknown>> = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

async function startIngest(answer: (requestNo: number) => Answer | 'hang' | 'reset'): Promise<{ url: string; requests: Received[] }> {
  const requests: Received[] = [];
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      const { events } = JSON.parse(body) as { events: EventRecord[] };
      requests.push({ headers: request.headers, body, events, atMs: Date.now() });
      const chosen = answer(requests.length);
      if (chosen === 'hang') return;
      if (chosen === 'reset') {
        request.socket.destroy();
        return;
      }
      response
        .writeHead(chosen.status, chosen.headers ?? {})
        .end(JSON.stringify(chosen.body ?? { accepted: events.length, duplicates: 0, errors: [] }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/ingest/events`, requests };
}

function start(options: Partial<SidecarOptions> & { ingestUrl: string }): Sidecar {
  const sidecar = createSidecar({ token, initialBackoffMs: 5, maxBackoffMs: 40, ...options });
  open.push(() => sidecar.close(0));
  return sidecar;
}

const readCall = { name: 'files.read', arguments: { path: 'a.txt' }, effect: 'read', executed: true } as const;

describe('createSidecar', () => {
  it('knows the same effects as Ordeal', () => {
    expectTypeOf<ToolEffect>().toEqualTypeOf<SideEffect>();
  });

  it('numbers all events of a stream without gaps and carries the probe of each turn', async () => {
    const ingest = await startIngest(() => ({ status: 200 }));
    const sidecar = start({ ingestUrl: ingest.url, stream: 'life-1' });
    const first = sidecar.turn({ probeId: 'prb_1', traceparent: '00-a-b-01' });
    const second = sidecar.turn();
    first.toolCall(readCall);
    second.end();
    first.end();
    first.end();
    expect(await sidecar.flush()).toBe(true);
    const events = ingest.requests.flatMap((request) => request.events);
    expect(events.map((event) => [event.sequence, event.type, event.probeId])).toEqual([
      [1, 'turn_started', 'prb_1'],
      [2, 'turn_started', undefined],
      [3, 'tool_call', 'prb_1'],
      [4, 'turn_ended', undefined],
      [5, 'turn_ended', 'prb_1'],
    ]);
    expect(new Set(events.map((event) => event.eventId)).size).toBe(5);
    expect(events[2]).toMatchObject({ stream: 'life-1', traceparent: '00-a-b-01', tool: readCall });
  });

  it('signs the exact body with the key derived from the token', async () => {
    const ingest = await startIngest(() => ({ status: 200 }));
    const sidecar = start({ ingestUrl: ingest.url });
    sidecar.turn({ probeId: 'prb_ü' }).end();
    await sidecar.flush();
    const [request] = ingest.requests;
    const header = String(request?.headers['x-ordeal-signature']);
    const time = /^t=(\d+),/.exec(header)?.[1] ?? '';
    const expected = createHmac('sha256', signingKeyOf(token)).update(`${time}.${request?.body}`).digest('hex');
    expect(header).toBe(`t=${time},v1=${expected}`);
    expect(Math.abs(Number(time) - Date.now() / 1000)).toBeLessThan(60);
    expect(request?.headers.authorization).toBe(`Bearer ${token}`);
  });

  it('sends batches of at most 100, in order', async () => {
    const ingest = await startIngest(() => ({ status: 200 }));
    const sidecar = start({ ingestUrl: ingest.url });
    const turn = sidecar.turn();
    for (let call = 0; call < 250; call += 1) turn.toolCall(readCall);
    await sidecar.flush();
    expect(ingest.requests.map((request) => request.events.length)).toEqual([100, 100, 51]);
    expect(ingest.requests.flatMap((request) => request.events.map((event) => event.sequence))).toEqual(
      Array.from({ length: 251 }, (_, index) => index + 1),
    );
  });

  it('sends the same events again after a broken connection and after 503', async () => {
    const ingest = await startIngest((requestNo) => (requestNo === 1 ? 'reset' : { status: requestNo === 2 ? 503 : 200 }));
    const sidecar = start({ ingestUrl: ingest.url });
    sidecar.turn().end();
    expect(await sidecar.flush()).toBe(true);
    expect(ingest.requests).toHaveLength(3);
    expect(ingest.requests[2]?.body).toBe(ingest.requests[0]?.body);
  });

  it('honours Retry-After of a 429', async () => {
    const ingest = await startIngest((requestNo) => (requestNo === 1 ? { status: 429, headers: { 'retry-after': '1' } } : { status: 200 }));
    const sidecar = start({ ingestUrl: ingest.url });
    sidecar.turn().end();
    await sidecar.flush();
    const [first, second] = ingest.requests;
    expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(950);
  });

  it('sends again only what a 429 says will be taken later, and names what never will be', async () => {
    const problems: string[] = [];
    const refused = [
      { index: 1, message: 'over the limit', retryAfterSeconds: 0 },
      { index: 2, message: 'no room in this run' },
    ];
    const ingest = await startIngest((requestNo) =>
      requestNo === 1
        ? { status: 429, headers: { 'retry-after': '0' }, body: { batch: { accepted: 1, duplicates: 0, errors: refused } } }
        : { status: 200 },
    );
    const sidecar = start({ ingestUrl: ingest.url, onProblem: (message) => problems.push(message) });
    const turn = sidecar.turn();
    turn.toolCall(readCall);
    turn.end();
    expect(await sidecar.flush()).toBe(true);
    expect(ingest.requests.map(({ events }) => events.map(({ sequence }) => sequence))).toEqual([[1, 2, 3], [2]]);
    expect(problems[0]).toBe('1 events of a batch were refused');
  });

  it('gives up on a request that never ends, and tries again', async () => {
    const ingest = await startIngest((requestNo) => (requestNo === 1 ? 'hang' : { status: 200 }));
    const sidecar = start({ ingestUrl: ingest.url, requestTimeoutMs: 500 });
    sidecar.turn().end();
    expect(await sidecar.flush(15_000)).toBe(true);
    // A busy machine may make it give up on one that would have been answered.
    expect(ingest.requests.length).toBeGreaterThanOrEqual(2);
    expect(new Set(ingest.requests.map(({ body }) => body)).size).toBe(1);
  });

  it('does not repeat what was refused for good, and says so', async () => {
    const problems: string[] = [];
    const ingest = await startIngest(() => ({ status: 401 }));
    const sidecar = start({ ingestUrl: ingest.url, onProblem: (message) => problems.push(message) });
    sidecar.turn().end();
    expect(await sidecar.flush()).toBe(true);
    expect(ingest.requests).toHaveLength(1);
    expect(problems.join()).toContain('HTTP 401');
  });

  it('reports items that were refused in an accepted batch', async () => {
    const problems: string[] = [];
    const ingest = await startIngest(() => ({ status: 200, body: { accepted: 1, duplicates: 0, errors: [{ index: 0, message: 'bad' }] } }));
    const sidecar = start({ ingestUrl: ingest.url, onProblem: (message) => problems.push(message) });
    sidecar.turn().end();
    await sidecar.flush();
    expect(problems).toEqual(['1 events of a batch were refused']);
  });

  it('drops beyond its buffer without throwing, leaving a visible gap in the sequence', async () => {
    const ingest = await startIngest(() => ({ status: 200 }));
    const sidecar = start({
      ingestUrl: ingest.url,
      maxBuffered: 3,
      onProblem: () => {
        throw new Error('reporter is broken');
      },
    });
    const turn = sidecar.turn();
    for (let call = 0; call < 5; call += 1) turn.toolCall(readCall);
    await sidecar.flush();
    turn.end();
    await sidecar.flush();
    expect(ingest.requests.flatMap((request) => request.events.map((event) => event.sequence))).toEqual([1, 2, 3, 7]);
  });

  it('survives an ingest that is not there: flush gives up in time, close ends it', async () => {
    const sidecar = start({ ingestUrl: 'http://127.0.0.1:9/none' });
    sidecar.turn().end();
    const startedMs = Date.now();
    expect(await sidecar.flush(100)).toBe(false);
    expect(await sidecar.close(50)).toBe(false);
    expect(Date.now() - startedMs).toBeLessThan(4_000);
    expect(() => sidecar.turn().end()).not.toThrow();
  });

  it('sends a marked preview of arguments that are cyclic or too large', async () => {
    const ingest = await startIngest(() => ({ status: 200 }));
    const sidecar = start({ ingestUrl: ingest.url });
    const cyclic: Record<string, unknown> = {};
    cyclic['self'] = cyclic;
    const turn = sidecar.turn();
    turn.toolCall({ ...readCall, arguments: cyclic });
    turn.toolCall({ ...readCall, arguments: { text: 'x'.repeat(100_000) } });
    await sidecar.flush();
    const tools = ingest.requests.flatMap((request) => request.events.flatMap((event) => event.tool ?? []));
    expect(tools[0]?.arguments).toEqual({ $unserializable: true });
    expect(tools[1]?.arguments).toMatchObject({ $truncated: true, bytes: 100_011 });
  });
});
