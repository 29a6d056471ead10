import { readFile } from 'node:fs/promises';

import { describe, expect, it } from 'vitest';

import { answerWithin } from './answer-within.ts';

const silence = () => new Error('silence');

function standStillFor(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

describe('what is waited for', () => {
  it('is the answer, or the error, when one comes in time', async () => {
    expect(await answerWithin(10_000, Promise.resolve('answer'), silence)).toBe('answer');
    await expect(answerWithin(10_000, Promise.reject(new Error('refused')), silence)).rejects.toThrow('refused');
  });

  it('is given up after the time, and no sooner', async () => {
    const startedAtMs = performance.now();
    await expect(answerWithin(200, new Promise(() => undefined), silence)).rejects.toThrow('silence');
    expect(performance.now() - startedAtMs).toBeGreaterThan(190);
  });

  it('may end badly later, when nobody listens any more', async () => {
    const late = Promise.withResolvers<never>();
    await expect(answerWithin(10, late.promise, silence)).rejects.toThrow('silence');
    late.reject(new Error('late'));
  });

  it('is not given up because this process stood still for longer, while the answer came', async () => {
    const answer = readFile(import.meta.filename, 'utf8');
    const waiting = answerWithin(2_000, answer, silence);
    standStillFor(3_000);
    expect(await waiting).toContain('stood still');
  });
});
