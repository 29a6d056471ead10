import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEgress, type Egress, type EgressRequest } from '../../runtime/egress/egress.ts';
import { parsePrivateAllow } from '../../runtime/egress/private-allow.ts';
import type { EgressLookup } from '../../runtime/egress/resolve-target.ts';
import { egressTo, faultOf, patientTimeouts, requestTo } from '../fakes/egress-client.ts';
import { startHostileTarget, type HostileTarget } from '../fakes/hostile-target.ts';

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
    expect(await faultOf(egressTo(target.port, resolvingTo(...addresses)).send(named()))).toMatchObject({
      failure: 'egress_denied',
      sent: false,
    });
    expect(target.connections.length).toBe(before);
  });

  it('fails closed when the name has no address or the resolver fails', async () => {
    expect(await faultOf(egressTo(target.port, resolvingTo()).send(named()))).toMatchObject({ failure: 'dns_error', sent: false });
    const broken = egressTo(target.port, () => Promise.reject(new Error('SERVFAIL')));
    expect(await faultOf(broken.send(named()))).toMatchObject({ failure: 'dns_error', sent: false });
    const real = egressTo(target.port);
    expect(
      await faultOf(real.send(to('/', { url: `http://does-not-exist.invalid:${target.port}/`, timeouts: { totalMs: 4_000 } }))),
    ).toMatchObject({ sent: false });
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
    const impatient = { ...named(), timeouts: { ...patientTimeouts, connectMs: 400 } };
    expect(await faultOf(hanging.send(impatient))).toMatchObject({ failure: 'connect_timeout', sent: false });
  });

  it('tries the next checked address when the first refuses', async () => {
    const privateAllow = parsePrivateAllow(`127.0.0.1/32:${target.port},127.0.0.3/32:${target.port}`);
    const both = createEgress({ privateAllow, lookup: resolvingTo('127.0.0.3', '127.0.0.1') });
    expect(await both.send(named())).toMatchObject({ remoteAddress: '127.0.0.1' });
  });

  it('opens no connection to another port or address of a machine of which one port is open', async () => {
    const [neighbour, everywhere] = [await startHostileTarget(), await startHostileTarget({ host: '0.0.0.0' })];
    const urls = [
      `http://127.0.0.1:${neighbour.port}/`,
      `http://localhost:${neighbour.port}/`,
      `http://127.0.0.2:${everywhere.port}/`,
      `http://0.0.0.0:${everywhere.port}/`,
      `http://[::ffff:127.0.0.1]:${everywhere.port}/`,
    ];
    for (const url of urls)
      expect(await faultOf(egress.send(to('/', { url }))), url).toMatchObject({ failure: 'egress_denied', sent: false });
    expect([...neighbour.connections, ...everywhere.connections]).toEqual([]);
    await Promise.all([neighbour.close(), everywhere.close()]);
  });
});
