import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { once } from 'node:events';
import { gzipSync } from 'node:zlib';

/** What one connection did, as the server saw it at the socket. */
export interface SeenConnection {
  /** Everything that arrived, decrypted. */
  received: string;
}

export interface HostileTarget {
  readonly port: number;
  readonly connections: readonly SeenConnection[];
  close(): Promise<void>;
}

export interface HostileTargetOptions {
  readonly host?: string;
  /** Speaks TLS with this key and certificate. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Accepts the connection and then does this, before any byte of a request. */
  readonly onConnection?: (socket: Socket) => void;
}

type Behaviour = (socket: Socket) => void;

const floodChunk = Buffer.alloc(65_536, 'x');
const ok = 'HTTP/1.1 200 OK\r\n';

/** 100 MB of zeros in about 97 KB. Made once: the test measures memory. */
const gzipBomb = gzipSync(Buffer.alloc(100_000_000));

/** What each path does to whoever asks for it. */
const behaviours: Readonly<Record<string, Behaviour>> = {
  '/ok': (socket) => socket.end(`${ok}set-cookie: a=1\r\nset-cookie: b=2\r\ncontent-length: 2\r\n\r\nhi`),
  '/error': (socket) => socket.end('HTTP/1.1 500 Oops\r\ncontent-length: 4\r\n\r\noops'),
  '/proto-header': (socket) => socket.end(`${ok}__proto__: x\r\nconstructor: y\r\ncontent-length: 0\r\n\r\n`),
  '/until-close': (socket) => socket.end(`${ok}\r\nall of it`),
  '/never': () => undefined,
  '/headers-drip': (socket) => drip(socket, ok, 'x'),
  '/body-stall': (socket) => socket.write(`${ok}content-length: 10\r\n\r\nhalf`),
  '/body-drip': (socket) => drip(socket, `${ok}\r\n`, 'x'),
  '/infinite': (socket) => flood(socket, `${ok}\r\n`),
  '/infinite-chunked': (socket) => flood(socket, `${ok}transfer-encoding: chunked\r\n\r\n`, { isChunked: true }),
  '/gigabyte': (socket) => flood(socket, `${ok}content-length: 1000000000\r\n\r\n`, { totalBytes: 1_000_000_000 }),
  '/gzip': (socket) => sendEncoded(socket, 'gzip', gzipSync('hello')),
  '/gzip-bomb': (socket) => sendEncoded(socket, 'gzip', gzipBomb),
  '/gzip-twice': (socket) => sendEncoded(socket, 'gzip, gzip', gzipSync(gzipBomb)),
  '/gzip-twice-two-headers': (socket) => sendEncoded(socket, 'gzip\r\ncontent-encoding: gzip', gzipSync(gzipBomb)),
  '/gzip-corrupt': (socket) => sendEncoded(socket, 'gzip', Buffer.from('this is not gzip')),
  '/gzip-cut': (socket) => sendEncoded(socket, 'gzip', gzipBomb.subarray(0, 500)),
  '/gzip-endless-header': (socket) => {
    // FNAME never ends: nothing is ever decoded, however much arrives.
    flood(socket, Buffer.concat([Buffer.from(`${ok}content-encoding: gzip\r\n\r\n`), Buffer.from('1f8b08080000000000ff', 'hex')]));
  },
  '/unknown-encoding': (socket) => sendEncoded(socket, 'snappy', Buffer.from('x')),
  '/short-body': (socket) => socket.end(`${ok}content-length: 100\r\n\r\nonly this`),
  '/cut-chunked': (socket) => socket.end(`${ok}transfer-encoding: chunked\r\n\r\n5\r\nhel`),
  '/reset-mid-body': (socket) => writeThenReset(socket, `${ok}content-length: 100\r\n\r\nhalf`),
  '/reset-until-close': (socket) => writeThenReset(socket, `${ok}\r\nhalf`),
  '/close-before-answer': (socket) => socket.end(),
  '/close-in-headers': (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-le'),
  '/reset-before-answer': (socket) => socket.resetAndDestroy(),
  '/not-http': (socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n'),
  '/two-lengths': (socket) => socket.end(`${ok}content-length: 2\r\ncontent-length: 3\r\n\r\nhi!`),
  '/length-and-chunked': (socket) => socket.end(`${ok}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`),
  '/huge-header': (socket) => socket.end(`${ok}x-a: ${'a'.repeat(20_000)}\r\ncontent-length: 0\r\n\r\n`),
  '/many-headers': (socket) => socket.end(`${ok}${'x-a: b\r\n'.repeat(10_000)}content-length: 0\r\n\r\n`),
  '/switch-protocols': (socket) => socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'),
  '/redirect': (socket) => socket.end('HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/secret-token\r\ncontent-length: 0\r\n\r\n'),
  '/redirect-loop': (socket) => socket.end('HTTP/1.1 307 Again\r\nlocation: /redirect-loop\r\ncontent-length: 0\r\n\r\n'),
};

/** A server on loopback that misbehaves by path, and remembers every connection. */
export async function startHostileTarget(options: HostileTargetOptions = {}): Promise<HostileTarget> {
  const connections: SeenConnection[] = [];
  const sockets = new Set<Socket>();
  const onSocket = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    const seen = { received: '' };
    connections.push(seen);
    if (options.onConnection === undefined) serve(socket, seen);
    else options.onConnection(socket);
  };
  const server: Server =
    options.tls === undefined ? createServer(onSocket) : createTlsServer(options.tls, onSocket).on('tlsClientError', () => undefined);
  server.listen(0, options.host ?? '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The hostile target has no port');
  return {
    port: address.port,
    connections,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function serve(socket: Socket, seen: SeenConnection): void {
  let isAnswered = false;
  socket.on('data', (chunk) => {
    seen.received += chunk.toString('latin1');
    const path = /^\w+ (\S+) HTTP\/1\.1\r\n[^]*\r\n\r\n/.exec(seen.received)?.[1];
    if (isAnswered || path === undefined) return;
    isAnswered = true;
    behaviours[path]?.(socket);
  });
}

function sendEncoded(socket: Socket, coding: string, body: Uint8Array): void {
  socket.write(`${ok}content-encoding: ${coding}\r\ncontent-length: ${body.byteLength}\r\n\r\n`);
  socket.end(body);
}

function writeThenReset(socket: Socket, head: string): void {
  socket.write(head, () => setTimeout(() => socket.resetAndDestroy(), 50));
}

function drip(socket: Socket, head: string, byte: string): void {
  socket.write(head);
  const timer = setInterval(() => socket.write(byte), 200);
  socket.on('close', () => clearInterval(timer));
}

interface Flood {
  readonly totalBytes?: number;
  /** Sends the body in chunks of the chunked transfer encoding. */
  readonly isChunked?: boolean;
}

function flood(socket: Socket, head: string | Uint8Array, { totalBytes = Number.POSITIVE_INFINITY, isChunked = false }: Flood = {}): void {
  const chunk = isChunked ? Buffer.concat([Buffer.from('10000\r\n'), floodChunk, Buffer.from('\r\n')]) : floodChunk;
  let leftBytes = totalBytes;
  const pump = (): void => {
    while (leftBytes > 0 && !socket.destroyed) {
      leftBytes -= floodChunk.byteLength;
      if (!socket.write(chunk)) {
        socket.once('drain', pump);
        return;
      }
    }
    socket.end();
  };
  socket.write(head);
  pump();
}
