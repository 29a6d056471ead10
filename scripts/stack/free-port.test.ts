import net from 'node:net';
import { describe, expect, it } from 'vitest';
import { findFreePort, isListenedTo } from './free-port.ts';

describe('findFreePort', () => {
  it('never gives out a port twice', async () => {
    const ports = await Promise.all(Array.from({ length: 40 }, () => findFreePort()));
    expect(new Set(ports).size).toBe(40);
  });

  it('gives the preferred port when it is free and another one when it is not', async () => {
    const preferred = await findFreePort();
    const server = net.createServer();
    await new Promise<void>((resolve) => server.listen(preferred, '127.0.0.1', resolve));
    expect(await isListenedTo(preferred)).toBe(true);
    expect(await findFreePort(preferred)).not.toBe(preferred);
    await new Promise((resolve) => server.close(resolve));
    expect(await isListenedTo(preferred)).toBe(false);
  });
});
