import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface BreakableProxy {
  readonly port: number;
  /** `open` forwards, `closed` refuses and cuts what is connected, `hanging` takes bytes and never answers. */
  set(state: ProxyState): Promise<void>;
  close(): Promise<void>;
}

export type ProxyState = 'open' | 'closed' | 'hanging';

/** A TCP proxy on loopback that a test can break in the ways in which networks and servers break. */
export async function startBreakableProxy(target: { readonly host: string; readonly port: number }): Promise<BreakableProxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let state: ProxyState = 'open';
  const server = createServer((client) => {
    const upstream = connect(target.port, target.host);
    const pair = [client, upstream] as const;
    pairs.add(pair);
    for (const [from, to] of [pair, [upstream, client] as const]) {
      from.on('data', (chunk: Buffer) => {
        if (state === 'open') to.write(chunk);
      });
      from.on('error', () => undefined);
      from.on('close', () => {
        to.destroy();
        pairs.delete(pair);
      });
    }
  });
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const cut = () => {
    for (const [client, upstream] of pairs) {
      client.destroy();
      upstream.destroy();
    }
  };
  const stop = async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    cut();
    await closed;
  };
  await listen(0);
  const { port } = server.address() as AddressInfo;
  return {
    port,
    set: async (next) => {
      if (next === 'closed' && state !== 'closed') await stop();
      if (next !== 'closed' && state === 'closed') await listen(port);
      // What was swallowed while it hung is lost, so those connections are of no use any more.
      if (state === 'hanging') cut();
      state = next;
    },
    close: async () => {
      if (state !== 'closed') await stop();
    },
  };
}
