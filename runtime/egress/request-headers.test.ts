import { describe, expect, it } from 'vitest';
import { findHeaderProblem, outgoingHeaders } from './request-headers.ts';

describe('findHeaderProblem', () => {
  it.each(['a\r\nx-evil: 1', 'a\nb', 'a\rb', 'a\0b', 'a\u{1f600}', 'a\u2028b'])('refuses the value %j', (value) => {
    expect(findHeaderProblem({ 'x-a': value })).toContain('x-a');
  });

  it.each(['', 'a b', 'a:b', 'a\r\nb', 'ä'])('refuses the name %j', (name) => {
    expect(findHeaderProblem({ [name]: 'x' })).toBeDefined();
  });

  it.each(['Host', 'content-length', 'Transfer-Encoding', 'connection', 'upgrade', 'expect'])('keeps %s for itself', (name) => {
    expect(findHeaderProblem({ [name]: 'x' })).toContain(name);
  });

  it('lets ordinary headers pass', () => {
    expect(findHeaderProblem({ authorization: 'Bearer abc', 'X-Empty': '', 'x-latin': 'é' })).toBeUndefined();
  });
});

describe('outgoingHeaders', () => {
  it('never asks for a compressed answer', () => {
    expect(outgoingHeaders({ 'Accept-Encoding': 'gzip', 'X-A': '1' })).toEqual({ 'accept-encoding': 'identity', 'x-a': '1' });
  });
});
