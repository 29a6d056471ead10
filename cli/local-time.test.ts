import { afterEach, expect, it, vi } from 'vitest';

import { localTime, localTimeAndDistance } from './local-time.ts';

afterEach(() => vi.unstubAllEnvs());

it('is the time where the terminal is, and says where that is', () => {
  vi.stubEnv('TZ', 'Asia/Tokyo');
  expect(localTime('2026-11-21T20:05:59.000Z')).toBe('22 Nov 2026, 05:05 GMT+9');
  vi.stubEnv('TZ', 'UTC');
  expect(localTime('2026-11-21T20:05:59.000Z')).toBe('21 Nov 2026, 20:05 UTC');
});

it.each([
  [30_000, 'in less than a minute'],
  [59 * 60_000 + 59_999, 'in 59 min'],
  [4 * 3_600_000, 'in 4 h 0 min'],
  [-65 * 60_000, '1 h 5 min ago'],
  [50 * 3_600_000, 'in 2 days'],
])('tells a distance of %d ms as "%s"', (awayMs, text) => {
  const nowMs = Date.parse('2026-11-21T12:00:00.000Z');
  expect(localTimeAndDistance(new Date(nowMs + awayMs).toISOString(), nowMs)).toContain(`(${text})`);
});
