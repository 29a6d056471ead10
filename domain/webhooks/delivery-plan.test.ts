import { describe, expect, it } from 'vitest';

import { maxAttempts, planDelivery, retryDelaysSeconds, type AttemptEnd } from './delivery-plan.ts';

const answered = (status: number, retryAfterSeconds: number | null = null): AttemptEnd => ({ status, failure: null, retryAfterSeconds });

describe('planDelivery', () => {
  it.each([200, 202, 204, 299])('takes %i for an acknowledgement, also where the body behind it broke', (status) => {
    expect(planDelivery(1, answered(status), 0.5)).toEqual({ kind: 'delivered' });
    expect(planDelivery(maxAttempts, { ...answered(status), failure: 'connection_lost' }, 0.5)).toEqual({ kind: 'delivered' });
  });

  it('gives a receiver up that says it is gone', () => {
    expect(planDelivery(1, answered(410), 0.5)).toEqual({ kind: 'gone' });
  });

  it.each([301, 400, 401, 404, 429, 500, 503])('tries again after %i', (status) => {
    expect(planDelivery(1, answered(status), 0.5)).toEqual({ kind: 'retry', afterSeconds: 10 });
  });

  it('tries again without an answer, ever later, eight times within 20 to 28 hours, and then gives up', () => {
    const end: AttemptEnd = { status: null, failure: 'connect_refused', retryAfterSeconds: null };
    for (const chance of [0, 0.999]) {
      const waits = retryDelaysSeconds.map((_, index) => planDelivery(index + 1, end, chance));
      const seconds = waits.map((next) => (next.kind === 'retry' ? next.afterSeconds : Number.NaN));
      expect(seconds).toEqual(seconds.toSorted((a, b) => a - b));
      const hours = seconds.reduce((sum, wait) => sum + wait, 0) / 3_600;
      expect([hours > 20, hours < 28]).toEqual([true, true]);
    }
    expect(planDelivery(8, end, 0)).toEqual({ kind: 'failed' });
  });

  it('waits as long as the receiver asks, and never less than its own delay', () => {
    expect(planDelivery(1, answered(429, 120), 0.5)).toEqual({ kind: 'retry', afterSeconds: 120 });
    expect(planDelivery(3, answered(503, 1), 0.5)).toEqual({ kind: 'retry', afterSeconds: 300 });
  });
});
