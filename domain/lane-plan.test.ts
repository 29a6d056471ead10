import { describe, expect, it } from 'vitest';

import { lanesToSchedule, shouldHandOver } from './lane-plan.ts';

describe('lanesToSchedule', () => {
  it('keeps half as many again ready, and at least one more than a single lane', () => {
    expect([1, 2, 4, 20].map(lanesToSchedule)).toEqual([2, 3, 6, 30]);
  });
});

describe('shouldHandOver', () => {
  it('cuts between scripts when the history is long, and inside a script when it is too long', () => {
    const lengths = [2_999, 3_000, 3_999, 4_000].map((length) => ({ isSuggested: false, length, messages: 0 }));
    expect(lengths.map((history) => shouldHandOver(history, true))).toEqual([false, true, true, true]);
    expect(lengths.map((history) => shouldHandOver(history, false))).toEqual([false, false, false, true]);
  });

  it('cuts between scripts when the server suggests it', () => {
    const history = { isSuggested: true, length: 30, messages: 0 };
    expect([shouldHandOver(history, true), shouldHandOver(history, false)]).toEqual([true, false]);
  });

  it('cuts wherever it is when messages fill the history', () => {
    const histories = [499, 500].map((messages) => ({ isSuggested: false, length: 600, messages }));
    expect(histories.map((history) => shouldHandOver(history, true))).toEqual([false, true]);
    expect(histories.map((history) => shouldHandOver(history, false))).toEqual([false, true]);
  });
});
