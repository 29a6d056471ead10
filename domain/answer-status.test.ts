import { describe, expect, it } from 'vitest';

import { failureOfStatus, retryAfterSeconds } from './answer-status.ts';

describe('failureOfStatus', () => {
  it('judges nothing but a success', () => {
    expect([200, 204, 299].map(failureOfStatus)).toEqual([null, null, null]);
    expect([403, 451].map(failureOfStatus)).toEqual(['target_rejected', 'target_rejected']);
    expect([400, 401, 404, 422].map(failureOfStatus)).toEqual(Array.from({ length: 4 }, () => 'target_config_invalid'));
    expect([408, 500, 502, 503, 599].map(failureOfStatus)).toEqual(Array.from({ length: 5 }, () => 'target_error'));
    expect(failureOfStatus(429)).toBe('target_rate_limited');
    expect(failureOfStatus(101)).toBe('protocol_error');
  });
});

describe('retryAfterSeconds', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');

  it('reads seconds and dates, and never waits into the past', () => {
    expect(retryAfterSeconds('7', now)).toBe(7);
    expect(retryAfterSeconds('Thu, 01 Jan 2026 00:00:10 GMT', now)).toBe(10);
    expect(retryAfterSeconds('Wed, 31 Dec 2025 00:00:00 GMT', now)).toBe(0);
  });

  it('takes nothing from what it cannot read, and a day at most', () => {
    expect(retryAfterSeconds(undefined, now)).toBeNull();
    expect(retryAfterSeconds('soon', now)).toBeNull();
    expect(retryAfterSeconds('999999999', now)).toBe(86_400);
  });
});
