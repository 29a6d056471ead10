import { describe, expect, it } from 'vitest';

import { lanesToSchedule, shouldHandOver } from './lane-plan.ts';

describe('lanesToSchedule', () => {
  it('keeps half as many again ready, and at least one more than a single lane', () => {
    expect([1, 2, 4, 20].map(lanesToSchedule)).toEqual([2, 3, 6, 30]);
  });
});

describe('shouldHandOver', () => {
  it('cuts between scripts when the server suggests it', () => {
    expect(shouldHandOver({ isSuggested: true, length: 4_200 }, true)).toBe(true);
    expect(shouldHandOver({ isSuggested: false, length: 4_000 }, true)).toBe(false);
  });

  it('cuts inside a script only when the history would not hold it', () => {
    expect(shouldHandOver({ isSuggested: true, length: 4_200 }, false)).toBe(false);
    expect(shouldHandOver({ isSuggested: true, length: 16_000 }, false)).toBe(true);
  });
});
