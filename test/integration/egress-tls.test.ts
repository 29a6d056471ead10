import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { createEgress, type EgressRequest, type EgressResponse } from '../../runtime/egress/egress.ts';
import { parsePrivateAllow } from '../../runtime/egress/private-allow.ts';
import { patientTimeouts } from '../fakes/egress-client.ts';
import { startHostileTarget, type HostileTarget } from '../fakes/hostile-target.ts';
import { makeTestCertificates } from '../fakes/test-certificates.ts';
import { waitUntil } from '../harness/wait-until.ts';

const certificates = makeTestCertificates();
const servers: HostileTarget[] = [];

afterAll(async () => {
  await Promise.all(servers.map((server) => server.close()));
});

async function start(options: Parameters<typeof startHostileTarget>[0]): Promise<HostileTarget> {
  const server = await startHostileTarget(options);
  servers.push(server);
  return server;
}

function sendTo(server: HostileTarget, changes: Partial<EgressRequest> = {}): Promise<EgressResponse> {
  const egress = createEgress({
    privateAllow: parsePrivateAllow(`127.0.0.1/32:${server.port}`),
    lookup: () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]),
  });
  const url = `https://agent.test:${server.port}/ok`;
  return egress.send({ url, method: 'POST', headers: {}, body: 'attack', timeouts: patientTimeouts, ...changes });
}

describe.skipIf(certificates === undefined)('TLS, with certificates that the openssl program makes', () => {
  const { ca, valid, wrongHost, expired, selfSigned } = certificates ?? { ca: '' };

  it('trusts a certificate of the authority that the target names', async () => {
    const server = await start(valid === undefined ? {} : { tls: valid });
    expect(await sendTo(server, { tls: { ca } })).toMatchObject({ status: 200, remoteAddress: '127.0.0.1' });
  });

  it('calls onSending after the handshake and before the first byte', async () => {
    const server = await start(valid === undefined ? {} : { tls: valid });
    let received: string | undefined;
    await sendTo(server, {
      tls: { ca },
      onSending: async () => {
        // The server ends a TLS 1.3 handshake later than the client.
        await waitUntil('the connection', () => Promise.resolve(server.connections.length > 0));
        await sleep(60);
        received = server.connections[0]?.received;
      },
    });
    expect(received).toBe('');
  });

  it.each([
    ['expired', expired, ca],
    ['for another host', wrongHost, ca],
    ['self-signed', selfSigned, undefined],
    ['self-signed, with another authority named', selfSigned, ca],
    ['of an authority that is not public', valid, undefined],
  ])('refuses a certificate that is %s, and sends nothing', async (_rule, tls, authority) => {
    const server = await start(tls === undefined ? {} : { tls });
    const sending = sendTo(server, authority === undefined ? {} : { tls: { ca: authority } });
    await expect(sending).rejects.toMatchObject({ failure: 'tls_error', sent: false });
    expect(server.connections.map(({ received }) => received).join('')).toBe('');
  });

  it('checks the address of a certificate when the URL has no name', async () => {
    const server = await start(valid === undefined ? {} : { tls: valid });
    await expect(sendTo(server, { url: `https://127.0.0.1:${server.port}/ok`, tls: { ca } })).rejects.toMatchObject({
      failure: 'tls_error',
      sent: false,
    });
  });

  it('refuses a CA that is not PEM before it connects', async () => {
    const server = await start({});
    await expect(sendTo(server, { tls: { ca: '-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----' } })).rejects.toMatchObject({
      failure: 'target_config_invalid',
      sent: false,
    });
    expect(server.connections).toHaveLength(0);
  });
});

describe('a handshake that does not happen', () => {
  it('names a plain server, a reset and a close tls_error', async () => {
    for (const onConnection of [
      (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n'),
      (socket: Socket) => socket.once('data', () => socket.resetAndDestroy()),
      (socket: Socket) => socket.end(),
    ]) {
      const server = await start({ onConnection: (socket) => void onConnection(socket) });
      await expect(sendTo(server)).rejects.toMatchObject({ failure: 'tls_error', sent: false });
    }
  });

  it('names silence connect_timeout', async () => {
    const server = await start({ onConnection: () => undefined });
    const sending = sendTo(server, { timeouts: { ...patientTimeouts, connectMs: 400 } });
    await expect(sending).rejects.toMatchObject({ failure: 'connect_timeout', sent: false });
  });
});
