import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { BodyCollector, readContentCoding, type ContentCoding } from './body-collector.ts';

describe('readContentCoding', () => {
  it.each([
    [{}, 'identity'],
    [{ 'content-encoding': 'identity' }, 'identity'],
    [{ 'content-encoding': 'GZIP' }, 'gzip'],
    [{ 'content-encoding': 'x-gzip' }, 'gzip'],
    [{ 'content-encoding': 'br', 'transfer-encoding': 'chunked' }, 'br'],
  ])('reads %j as %s', (headers, coding) => {
    expect(readContentCoding(headers)).toBe(coding);
  });

  it.each([
    { 'content-encoding': 'gzip, gzip' },
    { 'content-encoding': 'gzip, identity' },
    { 'content-encoding': 'zstd' },
    { 'content-encoding': 'constructor' },
    { 'transfer-encoding': 'gzip, chunked' },
    { 'transfer-encoding': 'chunked, chunked' },
  ])('refuses %j', (headers) => {
    expect(readContentCoding(headers)).toBeUndefined();
  });
});

function collect(coding: ContentCoding, wire: Uint8Array, chunkBytes: number): Promise<Uint8Array | string> {
  return new Promise((resolve) => {
    const collector = new BodyCollector({ coding, maxBodyBytes: 100_000, onBody: resolve, onFailure: resolve });
    for (let at = 0; at < wire.byteLength; at += chunkBytes) collector.write(wire.subarray(at, at + chunkBytes));
    collector.end();
  });
}

const exactly = Buffer.alloc(100_000, 'ab');
const tooMuch = Buffer.alloc(100_001, 'ab');

describe('BodyCollector', () => {
  const codings: readonly (readonly [string, ContentCoding, (plain: Buffer) => Uint8Array])[] = [
    ['identity', 'identity', (plain) => plain],
    ['gzip', 'gzip', (plain) => gzipSync(plain)],
    ['deflate', 'deflate', (plain) => deflateSync(plain)],
    ['bare deflate', 'deflate', (plain) => deflateRawSync(plain)],
    ['br', 'br', (plain) => brotliCompressSync(plain)],
  ];

  it.each(codings)('returns a body of exactly the limit: %s', async (_name, coding, encode) => {
    for (const chunkBytes of [7, 65_536]) {
      const body = await collect(coding, encode(exactly), chunkBytes);
      expect(Buffer.compare(Buffer.from(body), exactly)).toBe(0);
    }
  });

  it.each(codings)('refuses one decoded byte more: %s', async (_name, coding, encode) => {
    expect(await collect(coding, encode(tooMuch), 4_096)).toBe('response_too_large');
  });

  it.each(codings.slice(1))('refuses a body that ends too early: %s', async (_name, coding, encode) => {
    expect(await collect(coding, encode(exactly).subarray(0, -5), 4_096)).toBe('bad_encoding');
  });

  it.each(codings)('takes an empty body whatever the coding: %s', async (_name, coding) => {
    expect(await collect(coding, new Uint8Array(), 1)).toEqual(new Uint8Array());
  });
});
