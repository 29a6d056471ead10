import { describe, expect, it } from 'vitest';
import { timed } from '../../test/harness/timed.ts';
import { keepRunning } from './keep-running.ts';

/** A service that ends when the test says so. */
function pretendService(failures = 0) {
  let run = Promise.withResolvers<void>();
  let starts = 1;
  let stops = 0;
  let failuresLeft = failures;
  return {
    starts: () => starts,
    stops: () => stops,
    crash: () => run.resolve(),
    service: {
      get exited() {
        return run.promise;
      },
      restart: async () => {
        if (failuresLeft-- > 0) throw new Error('the port is taken');
        run = Promise.withResolvers<void>();
        starts += 1;
      },
      stop: async () => {
        stops += 1;
        run.resolve();
      },
    },
  };
}

describe('keepRunning', () => {
  it('starts a service again that has ended by itself, and says so', async () => {
    const pretend = pretendService();
    const said: string[] = [];
    const kept = keepRunning('Worker', pretend.service, (line) => said.push(line));
    pretend.crash();
    await expect.poll(pretend.starts, { timeout: 20_000 }).toBe(2);
    await expect
      .poll(() => said, { timeout: 20_000 })
      .toEqual(['Worker ended unexpectedly; starting it again in 0.5 s', 'Worker runs again']);
    await kept.stop();
  });

  it('tries again with a longer pause when the start fails', async () => {
    const pretend = pretendService(1);
    const said: string[] = [];
    const kept = keepRunning('API', pretend.service, (line) => said.push(line));
    pretend.crash();
    await expect.poll(pretend.starts, { timeout: 20_000 }).toBe(2);
    expect(said).toContain('API could not be started again: the port is taken');
    expect(said).toContain('API ended unexpectedly; starting it again in 1 s');
    await kept.stop();
  });

  it('does not start a service again that was stopped', async () => {
    const pretend = pretendService();
    const said: string[] = [];
    const kept = keepRunning('API', pretend.service, (line) => said.push(line));
    await kept.stop();
    expect(pretend.starts()).toBe(1);
    expect(said).toEqual([]);
  });

  it('stops at once while it waits to start again', async () => {
    const pretend = pretendService();
    const kept = keepRunning('API', pretend.service, () => undefined);
    pretend.crash();
    await Promise.resolve();
    const { tookMs } = await timed(() => kept.stop());
    expect(tookMs).toBeLessThan(400);
    expect(pretend.starts()).toBe(1);
  });
});
