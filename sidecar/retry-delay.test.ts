import { describe, expect, it } from 'vitest';
import { isRetryableStatus, retryDelayMs } from './retry-delay.ts';

const limits = { initialBackoffMs: 200, maxBackoffMs: 10_000 };

describe('retryDelayMs', () => {
  it('doubles up to the maximum', () => {
    expect([1, 2, 3, 6, 7, 500].map((failures) => retryDelayMs(failures, null, limits))).toEqual([200, 400, 800, 6400, 10_000, 10_000]);
  });
  it('takes what the server asked for, in seconds or as a date, but never more than a minute', () => {
    expect(retryDelayMs(1, '3', limits)).toBe(3000);
    expect(retryDelayMs(1, '86400', limits)).toBe(60_000);
    expect(retryDelayMs(1, new Date(Date.now() + 50_000).toUTCString(), limits)).toBeGreaterThan(40_000);
    expect(retryDelayMs(1, 'soon', limits)).toBe(200);
  });
});

describe('isRetryableStatus', () => {
  it('is true for overload and server faults only', () => {
    expect([200, 400, 401, 403, 404, 408, 413, 422, 429, 500, 502, 503].filter(isRetryableStatus)).toEqual([408, 429, 500, 502, 503]);
  });
});
