import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls, type SecureContext } from 'node:tls';
import { OrdealError } from '../../domain/failures.ts';
import { canonicalAddress } from './address-policy.ts';
import type { RequestWatch } from './request-watch.ts';
import { pinnedLookup, type ResolvedAddress } from './resolve-target.ts';
import { makeSecureContext, type TlsOptions } from './secure-context.ts';
import type { EgressUrl } from './url-policy.ts';

export interface ConnectionOptions {
  readonly addresses: readonly ResolvedAddress[];
  readonly tls: TlsOptions;
  readonly connectMs: number;
}

/**
 * Opens a new connection to one of the checked addresses, up to and including the TLS handshake. Nothing of the
 * request is written. The socket is destroyed when this rejects.
 */
export async function openConnection(url: EgressUrl, watch: RequestWatch, options: ConnectionOptions): Promise<Socket> {
  const secureContext = url.isTls ? trySecureContext(watch, options.tls) : undefined;
  const socket = await connectTcp(url, watch, options);
  try {
    checkPeer(url, socket, { watch, addresses: options.addresses });
    if (secureContext === undefined) return socket;
    return await shakeHands(url, socket, { watch, secureContext, servername: options.tls.servername });
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

async function connectTcp(url: EgressUrl, watch: RequestWatch, options: ConnectionOptions): Promise<Socket> {
  const socket = connect({
    host: url.hostname,
    port: url.port,
    lookup: pinnedLookup(options.addresses),
    // With several addresses the next is tried when one does not answer; each was checked.
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: Math.max(10, Math.ceil(options.connectMs / Math.max(1, options.addresses.length))),
    noDelay: true,
  });
  await untilEvent(socket, watch, {
    event: 'connect',
    toFault: (error) => {
      const isTimeout = errorCode(error) === 'ETIMEDOUT';
      const detail = `${url.hostname} port ${url.port} ${isTimeout ? 'did not accept' : 'refused'} the connection`;
      return watch.fault(isTimeout ? 'connect_timeout' : 'connect_refused', detail, { cause: error });
    },
  });
  return socket;
}

interface PeerCheck {
  readonly watch: RequestWatch;
  readonly addresses: readonly ResolvedAddress[];
}

/** Asks the kernel whom it really connected to. It is the last word, whatever happened to the name before. */
function checkPeer(url: EgressUrl, socket: Socket, { watch, addresses }: PeerCheck): void {
  const peer = canonicalAddress(socket.remoteAddress ?? '');
  if (peer === undefined) throw watch.fault('connection_lost', `${url.hostname} closed the connection at once`);
  if (!addresses.some(({ address }) => canonicalAddress(address) === peer)) {
    throw watch.fault('egress_denied', `The connection to ${url.hostname} ended at another address than the one that was checked`);
  }
}

interface HandshakeOptions {
  readonly watch: RequestWatch;
  readonly secureContext: SecureContext;
  readonly servername: string | undefined;
}

async function shakeHands(url: EgressUrl, socket: Socket, { watch, secureContext, servername }: HandshakeOptions): Promise<Socket> {
  const name = servername ?? url.hostname.replace(/\.$/, '');
  const secure = connectTls({
    socket,
    host: name,
    servername: isIP(name) === 0 ? name : '',
    secureContext,
    ALPNProtocols: ['http/1.1'],
    // Said aloud because an environment variable can turn the default off.
    rejectUnauthorized: true,
  });
  await untilEvent(secure, watch, {
    event: 'secureConnect',
    toFault: (error) => {
      const code = errorCode(error);
      return watch.fault('tls_error', `The TLS handshake with ${url.hostname} failed${code === undefined ? '' : ` (${code})`}`, {
        cause: error,
      });
    },
  });
  return secure;
}

function trySecureContext(watch: RequestWatch, tls: TlsOptions): SecureContext {
  try {
    return makeSecureContext(tls);
  } catch (error) {
    throw error instanceof OrdealError ? watch.fault('target_config_invalid', error.message, { cause: error }) : error;
  }
}

interface AwaitedEvent {
  readonly event: 'connect' | 'secureConnect';
  readonly toFault: (error: Error) => Error;
}

/** Waits for the event; destroys the socket and rejects on an error, a close, or the end of the watch. */
async function untilEvent(socket: Socket, watch: RequestWatch, { event, toFault }: AwaitedEvent): Promise<void> {
  // Stays on the socket for good: an error that nobody listens to would end the process.
  socket.on('error', () => undefined);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const onError = (error: Error): void => reject(toFault(error));
  const onClose = (): void => reject(toFault(new Error('The connection was closed')));
  socket.once(event, resolve).once('error', onError).once('close', onClose);
  try {
    await watch.race(promise);
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    socket.off(event, resolve).off('error', onError).off('close', onClose);
  }
}

function errorCode(error: Error): string | undefined {
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
