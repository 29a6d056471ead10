import { describe, expect, it } from 'vitest';

import { adjustmentFault, defaultRunOptions, optionsInForce } from './run-options.ts';

describe('adjustmentFault', () => {
  it.each([
    [{ concurrency: 1 }],
    [{ concurrency: 200, maxRequestsPerMinute: 60_000 }],
    [{ maxRequestsPerMinute: null }],
    [{ maxRequestsPerMinute: 1.5 }],
  ])('lets %j be made', (asked) => {
    expect(adjustmentFault(asked)).toBeUndefined();
  });

  it.each([
    [{ concurrency: 0 }, 'concurrency must be a whole number from 1 to 200.'],
    [{ concurrency: 201 }, 'concurrency must be a whole number'],
    [{ concurrency: 1.5 }, 'concurrency must be a whole number'],
    [{ concurrency: null }, 'concurrency must be a whole number'],
    [{ concurrency: 4, maxRequestsPerMinute: 0 }, 'maxRequestsPerMinute must be a number from 1 to 60000.'],
    [{ maxRequestsPerMinute: '30' }, 'maxRequestsPerMinute must be'],
    [{ maxRequestsPerMinute: Number.NaN }, 'maxRequestsPerMinute must be'],
    [{ maxAttempts: 2 }, 'maxAttempts cannot be changed'],
    [{}, 'Nothing is to be changed'],
    [null, 'An adjustment is an object'],
    ['4', 'An adjustment is an object'],
  ])('refuses %j', (asked, words) => {
    expect(adjustmentFault(asked)).toContain(words);
  });
});

describe('optionsInForce', () => {
  it('puts adjustments over what was planned, and defaults under it', () => {
    const { concurrency, maxRequestsPerMinute, maxAttempts, maxPausedMinutes } = optionsInForce(
      { concurrency: 9, maxAttempts: 2, maxRequestsPerMinute: 5 },
      { concurrency: 3, maxRequestsPerMinute: null },
    );
    expect({ concurrency, maxRequestsPerMinute, maxAttempts }).toEqual({ concurrency: 3, maxRequestsPerMinute: null, maxAttempts: 2 });
    expect(maxPausedMinutes).toBe(defaultRunOptions.maxPausedMinutes);
  });
});
