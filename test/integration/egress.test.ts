import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEgress, type Egress, type EgressRequest } from '../../runtime/egress/egress.ts';
import { EgressAborted, EgressFault } from '../../runtime/egress/egress-fault.ts';
import { parsePrivateAllow } from '../../runtime/egress/private-allow.ts';
import type { EgressLookup } from '../../runtime/egress/resolve-target.ts';
import { startHostileTarget, type HostileTarget } from '../fakes/hostile-target.ts';

const timeouts = { connectMs: 400, headersMs: 500, idleMs: 400, totalMs: 1_500 };

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

function egressTo(port: number, lookup?: EgressLookup): Egress {
  const privateAllow = parsePrivateAllow(`127.0.0.1/32:${port}`);
  return createEgress(lookup === undefined ? { privateAllow } : { privateAllow, lookup });
}

function to(path: string, changes: Partial<EgressRequest> = {}): EgressRequest {
  return { url: `http://127.0.0.1:${target.port}${path}`, method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'attack', timeouts, ...changes };
}

async function faultOf(sending: Promise<unknown>): Promise<EgressFault> {
  const error: unknown = await sending.then(() => undefined, (reason: unknown) => reason);
  expect(error).toBeInstanceOf(EgressFault);
  if (!(error instanceof EgressFault)) throw new Error('No EgressFault');
  return error;
}

describe('an ordinary exchange', () => {
  it('returns status, joined headers, body, latency and peer', async () => {
    const response = await egress.send(to('/ok'));
    expect(response).toMatchObject({ status: 200, headers: { 'set-cookie': 'a=1, b=2' }, remoteAddress: '127.0.0.1' });
    expect(Buffer.from(response.body).toString()).toBe('hi');
    expect(response.latencyMs).toBeLessThan(500);
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

describe('a hostile target', () => {
  it.each([
    ['/never', 'headers_timeout'],
    ['/headers-drip', 'headers_timeout'],
    ['/body-stall', 'idle_timeout'],
    ['/body-drip', 'total_timeout'],
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
    const paths = ['/gigabyte', '/infinite', '/infinite-chunked', '/gzip-bomb', '/gigabyte', '/gzip-bomb', '/gzip-endless-header', '/gzip-bomb'];
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

  it.each([{ 'x-a': 'b\r\nx-evil: 1' }, { 'transfer-encoding': 'chunked' }, { 'a b': 'c' }])('refuses the headers %j without a connection', async (headers) => {
    const before = target.connections.length;
    const fault = await faultOf(egress.send(to('/ok', { headers })));
    expect(fault).toMatchObject({ failure: 'target_config_invalid', sent: false });
    expect(target.connections.length).toBe(before);
  });

  it('waits for onSending with the connection open and no byte written', async () => {
    const before = target.connections.length;
    let receivedMeanwhile: string | undefined;
    await egress.send(to('/ok', {
      onSending: async () => {
        await sleep(60);
        receivedMeanwhile = target.connections[before]?.received;
      },
    }));
    expect(receivedMeanwhile).toBe('');
  });

  it('sends nothing when onSending throws, and hands on what it threw', async () => {
    const before = target.connections.length;
    const stop = new Error('stopped');
    await expect(egress.send(to('/ok', { onSending: () => Promise.reject(stop) }))).rejects.toBe(stop);
    await expect(egress.send(to('/ok', { onSending: () => { throw stop; } }))).rejects.toBe(stop);
    await sleep(30);
    expect(target.connections.slice(before).map(({ received }) => received)).toEqual(['', '']);
  });

  it('does not charge a slow onSending to the target', async () => {
    const response = await egress.send(to('/ok', { timeouts: { ...timeouts, totalMs: 200 }, onSending: () => sleep(400) }));
    expect(response.status).toBe(200);
  });

  it('says that nothing was sent when the target hangs up during onSending', async () => {
    const quitter = await startHostileTarget({ onConnection: (socket) => socket.end() });
    const fault = await faultOf(egressTo(quitter.port).send(to('/', { url: `http://127.0.0.1:${quitter.port}/`, onSending: () => sleep(60) })));
    expect(fault).toMatchObject({ failure: 'connection_lost', sent: false });
    await quitter.close();
  });
});

describe('names', () => {
  function resolvingTo(...addresses: string[]): EgressLookup & { calls: number } {
    const lookup = Object.assign(
      (): Promise<{ address: string; family: number }[]> => {
        lookup.calls += 1;
        return Promise.resolve(addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })));
      },
      { calls: 0 },
    );
    return lookup;
  }

  const named = (): EgressRequest => to('/ok', { url: `http://agent.test:${target.port}/ok` });

  it('keeps the Host header and connects to the checked address', async () => {
    const before = target.connections.length;
    const response = await egressTo(target.port, resolvingTo('127.0.0.1')).send(named());
    expect(response.remoteAddress).toBe('127.0.0.1');
    expect(target.connections[before]?.received.toLowerCase()).toContain(`host: agent.test:${target.port}\r\n`);
  });

  it('resolves once per request, so that a name that changes between check and use changes nothing', async () => {
    const before = target.connections.length;
    const answers = ['127.0.0.1', '127.0.0.2', '169.254.169.254'];
    let calls = 0;
    const rebinding: EgressLookup = () => Promise.resolve([{ address: answers[Math.min(calls++, 2)] ?? '', family: 4 }]);
    const rebound = egressTo(target.port, rebinding);
    expect(await rebound.send(named())).toMatchObject({ remoteAddress: '127.0.0.1' });
    expect(calls).toBe(1);
    expect(await faultOf(rebound.send(named()))).toMatchObject({ failure: 'egress_denied', sent: false });
    expect(await faultOf(rebound.send(named()))).toMatchObject({ failure: 'egress_denied', sent: false });
    expect(target.connections.length - before).toBe(1);
  });

  it.each([
    ['a private address', ['10.0.0.1']],
    ['a good and a private address', ['127.0.0.1', '10.0.0.1']],
    ['a public and a loopback address', ['93.184.216.34', '127.0.0.2']],
    ['a metadata address', ['169.254.169.254']],
    ['a v4-mapped loopback address', ['::ffff:127.0.0.1']],
    ['an IPv6 loopback address', ['127.0.0.1', '::1']],
    ['no address at all in disguise', ['agent.test']],
  ])('denies a name with %s, without a connection', async (_rule, addresses) => {
    const before = target.connections.length;
    expect(await faultOf(egressTo(target.port, resolvingTo(...addresses)).send(named()))).toMatchObject({ failure: 'egress_denied', sent: false });
    expect(target.connections.length).toBe(before);
  });

  it('fails closed when the name has no address or the resolver fails', async () => {
    expect(await faultOf(egressTo(target.port, resolvingTo()).send(named()))).toMatchObject({ failure: 'dns_error', sent: false });
    const broken = egressTo(target.port, () => Promise.reject(new Error('SERVFAIL')));
    expect(await faultOf(broken.send(named()))).toMatchObject({ failure: 'dns_error', sent: false });
    const real = egressTo(target.port);
    expect(await faultOf(real.send(to('/', { url: `http://does-not-exist.invalid:${target.port}/`, timeouts: { totalMs: 4_000 } })))).toMatchObject({ sent: false });
  });

  it('asks no resolver for a port that is closed to targets, a metadata name, or a literal address', async () => {
    const lookup = resolvingTo('127.0.0.1');
    const guarded = egressTo(target.port, lookup);
    for (const url of ['http://agent.test:22/', 'http://metadata.google.internal/', 'http://10.0.0.1/']) {
      expect(await faultOf(guarded.send(to('/', { url })))).toMatchObject({ failure: 'egress_denied', sent: false });
    }
    expect(lookup.calls).toBe(0);
  });

  it('names a resolver that hangs connect_timeout', async () => {
    const hanging = egressTo(target.port, () => new Promise(() => undefined));
    expect(await faultOf(hanging.send(named()))).toMatchObject({ failure: 'connect_timeout', sent: false });
  });

  it('tries the next checked address when the first refuses', async () => {
    const privateAllow = parsePrivateAllow(`127.0.0.1/32:${target.port},127.0.0.3/32:${target.port}`);
    const both = createEgress({ privateAllow, lookup: resolvingTo('127.0.0.3', '127.0.0.1') });
    expect(await both.send(named())).toMatchObject({ remoteAddress: '127.0.0.1' });
  });

  it('opens no connection to another port or address of a machine of which one port is open', async () => {
    const [neighbour, everywhere] = [await startHostileTarget(), await startHostileTarget({ host: '0.0.0.0' })];
    const urls = [`http://127.0.0.1:${neighbour.port}/`, `http://localhost:${neighbour.port}/`, `http://127.0.0.2:${everywhere.port}/`, `http://0.0.0.0:${everywhere.port}/`, `http://[::ffff:127.0.0.1]:${everywhere.port}/`];
    for (const url of urls) expect(await faultOf(egress.send(to('/', { url }))), url).toMatchObject({ failure: 'egress_denied', sent: false });
    expect([...neighbour.connections, ...everywhere.connections]).toEqual([]);
    await Promise.all([neighbour.close(), everywhere.close()]);
  });
});

describe('abort', () => {
  it('ends at once after sending, and says that it was sent', async () => {
    const reason = new Error('stop');
    const controller = new AbortController();
    setTimeout(() => controller.abort(reason), 80);
    const startedAt = performance.now();
    await expect(egress.send(to('/never', { signal: controller.signal }))).rejects.toMatchObject({ sent: true, reason });
    expect(performance.now() - startedAt).toBeLessThan(300);
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
    const sending = egress.send(to('/ok', { signal: controller.signal, onSending: () => sleep(100) }));
    setTimeout(() => controller.abort('stop'), 30);
    await expect(sending).rejects.toMatchObject({ name: 'EgressAborted', sent: false, reason: 'stop' });
    await sleep(150);
    expect(target.connections[before]?.received).toBe('');
  });

  it('closes: ends what is in flight and refuses what comes after', async () => {
    const closing = egressTo(target.port);
    const inFlight = faultOf(closing.send(to('/never')));
    await sleep(50);
    await closing.close();
    expect(await inFlight).toMatchObject({ failure: 'worker_shutting_down', sent: true });
    expect(await faultOf(closing.send(to('/ok')))).toMatchObject({ failure: 'worker_shutting_down', sent: false });
  });
});
