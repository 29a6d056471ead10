import { describe, expect, it } from 'vitest';

import { EventRoom } from './event-room.ts';
import { limitsOf } from './quotas.ts';

const limits = limitsOf('free', { eventsPerRun: 3, storedEvents: 5, storageMegabytes: 10 });
const use = { storedEvents: 1, storedMegabytes: 9.9, byRun: new Map([['run_a', 2]]) };

describe('EventRoom', () => {
  it('fills a run and then the store, and names what is full', () => {
    const room = new EventRoom(limits, use);
    expect([room.take('run_a'), room.take('run_a')]).toEqual([undefined, { quota: 'eventsPerRun', limit: 3, used: 3 }]);
    expect([room.take('run_b'), room.take(undefined), room.take(undefined)]).toEqual([undefined, undefined, undefined]);
    expect(room.take('run_b')).toEqual({ quota: 'storedEvents', limit: 5, used: 5 });
  });

  it('knows beforehand whether a batch could meet a limit', () => {
    expect(new EventRoom(limits, use).isShortFor(1)).toBe(false);
    expect(new EventRoom(limits, use).isShortFor(2)).toBe(true);
    expect(new EventRoom(limits, { ...use, byRun: new Map() }).isShortFor(5)).toBe(true);
  });

  it('takes nothing once the storage is used up', () => {
    const room = new EventRoom(limits, { ...use, storedMegabytes: 10 });
    expect(room.take(undefined)).toEqual({ quota: 'storageMegabytes', limit: 10, used: 10 });
  });
});
