import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';

import { KeyedSemaphore } from './keyed-semaphore.ts';

const never = new AbortController().signal;

describe('KeyedSemaphore', () => {
  it('never lets more than the limit in, and serves everybody', async () => {
    const semaphore = new KeyedSemaphore();
    let holders = 0;
    let most = 0;
    const work = Array.from({ length: 50 }, async () => {
      const release = await semaphore.acquire('target', 3, never);
      holders += 1;
      most = Math.max(most, holders);
      await sleep(Math.random() * 3);
      holders -= 1;
      release();
    });
    await Promise.all(work);
    expect(most).toBe(3);
    expect(holders).toBe(0);
  });

  it('lets nobody slip in between a release and the one who waited for it', async () => {
    const semaphore = new KeyedSemaphore();
    const release = await semaphore.acquire('target', 1, never);
    const waiting = semaphore.acquire('target', 1, never);
    release();
    let isIn = false;
    const enterLate = async (): Promise<void> => {
      const releaseLate = await semaphore.acquire('target', 1, never);
      isIn = true;
      releaseLate();
    };
    const late = enterLate();
    const releaseWaiting = await waiting;
    await sleep(1);
    expect(isIn).toBe(false);
    releaseWaiting();
    await late;
  });

  it('gives places that are added to those who wait, at once', async () => {
    const semaphore = new KeyedSemaphore();
    await semaphore.acquire('run', 1, never);
    let granted = 0;
    const count = (): void => void (granted += 1);
    for (let index = 0; index < 4; index += 1) void semaphore.acquire('run', 1, never).then(count);
    semaphore.resize('run', 3);
    await sleep(1);
    expect(granted).toBe(2);
  });

  it('gives on no place that was taken away', async () => {
    const semaphore = new KeyedSemaphore();
    const releases = await Promise.all([1, 2, 3].map(() => semaphore.acquire('run', 3, never)));
    let granted = 0;
    void semaphore.acquire('run', 3, never).then(() => (granted += 1));
    semaphore.resize('run', 1);
    releases[0]?.();
    releases[1]?.();
    await sleep(1);
    expect(granted).toBe(0);
    releases[2]?.();
    await sleep(1);
    expect(granted).toBe(1);
  });

  it('keeps keys apart', async () => {
    const semaphore = new KeyedSemaphore();
    await semaphore.acquire('a', 1, never);
    await expect(semaphore.acquire('b', 1, never)).resolves.toBeTypeOf('function');
  });

  it('gives up with the reason of the signal and leaves the queue intact', async () => {
    const semaphore = new KeyedSemaphore();
    const release = await semaphore.acquire('target', 1, never);
    const controller = new AbortController();
    const aborted = semaphore.acquire('target', 1, controller.signal);
    const patient = semaphore.acquire('target', 1, never);
    controller.abort(new Error('stopped'));
    await expect(aborted).rejects.toThrow('stopped');
    release();
    await expect(patient).resolves.toBeTypeOf('function');
  });
});
