import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Egress, EgressRequest, EgressTimeouts } from '../../runtime/egress/egress.ts';
import { EgressAborted } from '../../runtime/egress/egress-fault.ts';
import { egressTo, faultOf, patientTimeouts, requestTo } from '../fakes/egress-client.ts';
import { startHostileTarget, type HostileTarget } from '../fakes/hostile-target.ts';
import { waitUntil } from '../harness/wait-until.ts';

let target: HostileTarget;
let egress: Egress;

beforeAll(async () => {
  target = await startHostileTarget();
  egress = egressTo(target.port);
});

afterAll(async () => {
  await egress.close();
  await target.close();
});

const to = (path: string, changes: Partial<EgressRequest> = {}): EgressRequest => requestTo(target.port, path, changes);

/** Waits until the target has this connection, and so many bytes of it. */
function accepted(number: number, bytes = 0): Promise<unknown> {
  const look = () => Promise.resolve((target.connections[number]?.received.length ?? -1) >= bytes);
  return waitUntil(`${bytes} bytes of connection ${number}`, look);
}

describe('an ordinary exchange', () => {
  it('returns status, joined headers, body, latency and peer', async () => {
    const startedAtMs = performance.now();
    const response = await egress.send(to('/ok'));
    const tookMs = performance.now() - startedAtMs;
    expect(response).toMatchObject({ status: 200, headers: { 'set-cookie': 'a=1, b=2' }, remoteAddress: '127.0.0.1' });
    expect(Buffer.from(response.body).toString()).toBe('hi');
    expect(response.latencyMs).toBeLessThanOrEqual(Math.ceil(tookMs));
  });

  it('returns an error status as an answer', async () => {
    expect(await egress.send(to('/error'))).toMatchObject({ status: 500 });
  });

  it('decodes a body that the server compressed unasked', async () => {
    const response = await egress.send(to('/gzip'));
    expect(Buffer.from(response.body).toString()).toBe('hello');
  });

  it('takes a clean close as the end of a body without a length', async () => {
    const response = await egress.send(to('/until-close'));
    expect(Buffer.from(response.body).toString()).toBe('all of it');
  });

  it('keeps a header named like a prototype property a header', async () => {
    const { headers } = await egress.send(to('/proto-header'));
    expect(Object.entries(headers)).toContainEqual(['__proto__', 'x']);
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  it('uses one connection per request and says so', async () => {
    const before = target.connections.length;
    await egress.send(to('/ok'));
    await egress.send(to('/ok'));
    const seen = target.connections.slice(before);
    expect(seen).toHaveLength(2);
    for (const { received } of seen) {
      expect(received).toMatch(/^POST \/ok HTTP\/1\.1\r\n/);
      expect(received.toLowerCase()).toContain('connection: close\r\n');
      expect(received.toLowerCase()).toContain('accept-encoding: identity\r\n');
      expect(received.endsWith('\r\n\r\nattack')).toBe(true);
    }
  });
});

describe('a target that takes too long', () => {
  it.each<[string, string, Partial<EgressTimeouts>]>([
    ['/never', 'headers_timeout', { headersMs: 500 }],
    ['/headers-drip', 'headers_timeout', { headersMs: 500 }],
    ['/body-stall', 'idle_timeout', { idleMs: 400 }],
    ['/body-drip', 'total_timeout', { totalMs: 3_000 }],
  ])('%s ends as %s, sent once', async (path, failure, timeouts) => {
    const before = target.connections.length;
    const fault = await faultOf(egress.send(to(path, { timeouts: { ...patientTimeouts, ...timeouts } })));
    expect(fault).toMatchObject({ failure, sent: true });
    await sleep(20);
    expect(target.connections.length - before).toBe(1);
  });
});

describe('a hostile target', () => {
  it.each([
    ['/infinite', 'response_too_large'],
    ['/infinite-chunked', 'response_too_large'],
    ['/gigabyte', 'response_too_large'],
    ['/gzip-bomb', 'response_too_large'],
    ['/gzip-endless-header', 'response_too_large'],
    ['/gzip-twice', 'bad_encoding'],
    ['/gzip-twice-two-headers', 'bad_encoding'],
    ['/gzip-corrupt', 'bad_encoding'],
    ['/gzip-cut', 'bad_encoding'],
    ['/unknown-encoding', 'bad_encoding'],
    ['/short-body', 'connection_lost'],
    ['/cut-chunked', 'connection_lost'],
    ['/reset-mid-body', 'connection_lost'],
    ['/reset-until-close', 'connection_lost'],
    ['/close-before-answer', 'connection_lost'],
    ['/close-in-headers', 'connection_lost'],
    ['/reset-before-answer', 'connection_lost'],
    ['/not-http', 'protocol_error'],
    ['/two-lengths', 'protocol_error'],
    ['/length-and-chunked', 'protocol_error'],
    ['/huge-header', 'protocol_error'],
    ['/many-headers', 'protocol_error'],
    ['/switch-protocols', 'protocol_error'],
    ['/redirect', 'redirect_refused'],
    ['/redirect-loop', 'redirect_refused'],
  ])('%s ends as %s, sent once', async (path, failure) => {
    const before = target.connections.length;
    const fault = await faultOf(egress.send(to(path)));
    expect(fault).toMatchObject({ failure, sent: true });
    await sleep(20);
    expect(target.connections.length - before).toBe(1);
  });

  it('names the status and only the origin of a refused redirect', async () => {
    const fault = await faultOf(egress.send(to('/redirect')));
    expect(fault).toMatchObject({ status: 302, message: expect.stringContaining('http://169.254.169.254,') });
    expect(fault.message).not.toContain('secret-token');
  });

  it('raises memory by less than 50 MB, eight at a time', async () => {
    const beforeBytes = process.memoryUsage().rss;
    let peakBytes = beforeBytes;
    const sampler = setInterval(() => (peakBytes = Math.max(peakBytes, process.memoryUsage().rss)), 5);
    const paths = [
      '/gigabyte',
      '/infinite',
      '/infinite-chunked',
      '/gzip-bomb',
      '/gigabyte',
      '/gzip-bomb',
      '/gzip-endless-header',
      '/gzip-bomb',
    ];
    for (let round = 0; round < 3; round += 1) await Promise.all(paths.map((path) => faultOf(egress.send(to(path)))));
    clearInterval(sampler);
    expect((peakBytes - beforeBytes) / 1e6).toBeLessThan(50);
  });
});

describe('before the first byte', () => {
  it('proves that nothing was sent when nobody listens', async () => {
    const closed = await startHostileTarget();
    await closed.close();
    const fault = await faultOf(egressTo(closed.port).send(to('/', { url: `http://127.0.0.1:${closed.port}/` })));
    expect(fault).toMatchObject({ failure: 'connect_refused', sent: false });
  });

  it.each([{ 'x-a': 'b\r\nx-evil: 1' }, { 'transfer-encoding': 'chunked' }, { 'a b': 'c' }])(
    'refuses the headers %j without a connection',
    async (headers) => {
      const before = target.connections.length;
      const fault = await faultOf(egress.send(to('/ok', { headers })));
      expect(fault).toMatchObject({ failure: 'target_config_invalid', sent: false });
      expect(target.connections.length).toBe(before);
    },
  );

  it('waits for onSending with the connection open and no byte written', async () => {
    const before = target.connections.length;
    let receivedMeanwhile: string | undefined;
    await egress.send(
      to('/ok', {
        onSending: async () => {
          await accepted(before);
          await sleep(60);
          receivedMeanwhile = target.connections[before]?.received;
        },
      }),
    );
    expect(receivedMeanwhile).toBe('');
  });

  it('sends nothing when onSending throws, and hands on what it threw', async () => {
    const before = target.connections.length;
    const stop = new Error('stopped');
    await expect(egress.send(to('/ok', { onSending: () => Promise.reject(stop) }))).rejects.toBe(stop);
    await expect(
      egress.send(
        to('/ok', {
          onSending: () => {
            throw stop;
          },
        }),
      ),
    ).rejects.toBe(stop);
    await accepted(before + 1);
    await sleep(30);
    expect(target.connections.slice(before).map(({ received }) => received)).toEqual(['', '']);
  });

  it('does not charge a slow onSending to the target', async () => {
    const timeouts = { ...patientTimeouts, totalMs: 3_000 };
    const response = await egress.send(to('/ok', { timeouts, onSending: () => sleep(3_500) }));
    expect(response.status).toBe(200);
  });

  it('says that nothing was sent when the target hangs up during onSending', async () => {
    const hungUp = Promise.withResolvers<void>();
    // Closed for the target once the client has seen the end and ended its side as well.
    const quitter = await startHostileTarget({ onConnection: (socket) => void socket.once('close', () => hungUp.resolve()).end() });
    const fault = await faultOf(
      egressTo(quitter.port).send(to('/', { url: `http://127.0.0.1:${quitter.port}/`, onSending: () => hungUp.promise })),
    );
    expect(fault).toMatchObject({ failure: 'connection_lost', sent: false });
    await quitter.close();
  });
});

describe('abort', () => {
  it('ends at once after sending, and says that it was sent', async () => {
    const before = target.connections.length;
    const reason = new Error('stop');
    const controller = new AbortController();
    const sending = egress.send(to('/never', { signal: controller.signal }));
    await accepted(before, 1);
    const abortedAtMs = performance.now();
    controller.abort(reason);
    await expect(sending).rejects.toMatchObject({ sent: true, reason });
    expect(performance.now() - abortedAtMs).toBeLessThan(patientTimeouts.headersMs / 2);
    await expect(egress.send(to('/ok', { signal: AbortSignal.abort(reason) }))).rejects.toMatchObject({ sent: false, reason });
  });

  it('ends at once while the name is resolved, and opens no connection', async () => {
    const before = target.connections.length;
    const controller = new AbortController();
    const hanging = egressTo(target.port, () => new Promise(() => undefined));
    const sending = hanging.send(to('/ok', { url: `http://agent.test:${target.port}/ok`, signal: controller.signal }));
    setTimeout(() => controller.abort('stop'), 30);
    await expect(sending).rejects.toSatisfy((error) => error instanceof EgressAborted && error.reason === 'stop' && !error.sent);
    expect(target.connections.length).toBe(before);
  });

  it('ends at once during onSending, and nothing is written afterwards', async () => {
    const before = target.connections.length;
    const controller = new AbortController();
    const written = Promise.withResolvers<void>();
    const onSending = async (): Promise<void> => {
      await accepted(before);
      setTimeout(() => controller.abort('stop'), 30);
      await written.promise;
    };
    await expect(egress.send(to('/ok', { signal: controller.signal, onSending }))).rejects.toMatchObject({
      name: 'EgressAborted',
      sent: false,
      reason: 'stop',
    });
    written.resolve();
    await sleep(50);
    expect(target.connections[before]?.received).toBe('');
  });

  it('closes: ends what is in flight and refuses what comes after', async () => {
    const before = target.connections.length;
    const closing = egressTo(target.port);
    const inFlight = faultOf(closing.send(to('/never')));
    await accepted(before, 1);
    await closing.close();
    expect(await inFlight).toMatchObject({ failure: 'worker_shutting_down', sent: true });
    expect(await faultOf(closing.send(to('/ok')))).toMatchObject({ failure: 'worker_shutting_down', sent: false });
  });
});
