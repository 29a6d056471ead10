import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { eventWindow } from './rate-classes.ts';
import { takeFromWindow, type WindowPolicy, type WindowSlots } from './sliding-window.ts';

const events = eventWindow(300);

interface Take {
  readonly atMs: number;
  readonly asked: number;
}

function takeAll(policy: WindowPolicy, takes: readonly Take[]): { readonly atMs: number; readonly taken: number }[] {
  let slots: WindowSlots = new Map();
  return takes.map(({ atMs, asked }) => {
    const result = takeFromWindow(policy, slots, { nowMs: atMs, asked });
    slots = result.slots;
    return { atMs, taken: result.answer.taken };
  });
}

const takesArbitrary = fc
  .array(fc.record({ gapMs: fc.integer({ min: 0, max: 20_000 }), asked: fc.integer({ min: 0, max: 200 }) }), { maxLength: 60 })
  .map((steps) => {
    let atMs = 1_795_000_000_000;
    return steps.map(({ gapMs, asked }) => ({ atMs: (atMs += gapMs), asked }));
  });

describe('takeFromWindow', () => {
  it('of 350 in a minute takes 300, as many of a batch as fit', () => {
    const takes = [100, 100, 80, 70].map((asked, second) => ({ atMs: 1_795_000_000_000 + second * 1_000, asked }));
    expect(takeAll(events, takes).map(({ taken }) => taken)).toEqual([100, 100, 80, 20]);
  });

  it('knows no boundary of a minute: what was taken at its end counts in the next one', () => {
    const boundaryMs = 29_916_667 * 60_000;
    const [before, after, later] = takeAll(events, [
      { atMs: boundaryMs - 500, asked: 300 },
      { atMs: boundaryMs + 500, asked: 50 },
      { atMs: boundaryMs + 59_700, asked: 50 },
    ]);
    expect([before?.taken, after?.taken, later?.taken]).toEqual([300, 0, 50]);
  });

  it('never lets more than the limit into any window, wherever it begins', () => {
    fc.assert(
      fc.property(takesArbitrary, (takes) => {
        const taken = takeAll(events, takes);
        for (const { atMs: startMs } of taken) {
          const inWindow = taken.filter(({ atMs }) => atMs >= startMs && atMs <= startMs + events.windowMs);
          expect(inWindow.reduce((sum, each) => sum + each.taken, 0)).toBeLessThanOrEqual(events.limit);
        }
      }),
    );
  });

  it('says when there is room for what it refused, and when the window is empty', () => {
    fc.assert(
      fc.property(takesArbitrary, fc.integer({ min: 1, max: 500 }), (takes, asked) => {
        let slots: WindowSlots = new Map();
        let nowMs = 1_795_000_000_000;
        for (const take of takes) {
          nowMs = take.atMs;
          ({ slots } = takeFromWindow(events, slots, { nowMs, asked: take.asked }));
        }
        const { slots: after, answer } = takeFromWindow(events, slots, { nowMs, asked });
        const refused = Math.min(asked - answer.taken, events.limit);
        const at = (atMs: number) => takeFromWindow(events, after, { nowMs: atMs, asked: refused }).answer;
        expect(at(nowMs + answer.retryAfterMs).taken).toBe(refused);
        if (refused > 0) expect(at(nowMs + answer.retryAfterMs - 1).taken).toBeLessThan(refused);
        expect(at(nowMs + answer.resetMs).remaining).toBe(events.limit - refused);
      }),
    );
  });

  it('keeps no more slots than a window has', () => {
    const takes = Array.from({ length: 5_000 }, (_, index) => ({ atMs: index * 100, asked: 1 }));
    let slots: WindowSlots = new Map();
    for (const { atMs, asked } of takes) ({ slots } = takeFromWindow(events, slots, { nowMs: atMs, asked }));
    expect(slots.size).toBeLessThanOrEqual(events.windowMs / events.slotMs + 1);
  });
});
