import { describe, expect, it } from 'vitest';
import { readContentCoding } from './body-collector.ts';

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
