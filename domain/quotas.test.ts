import { describe, expect, it } from 'vitest';

import { describeQuota, findCrossing, limitsOf, planLimits, plans, quotaNames, quotaResetAt } from './quotas.ts';

describe('the plans', () => {
  it('say something of every quota, and nothing limits an installation of one’s own', () => {
    for (const plan of plans) expect(Object.keys(planLimits[plan]).toSorted()).toEqual([...quotaNames, 'retentionDays'].toSorted());
    expect(Object.values(planLimits.self_hosted).every((limit) => limit === null)).toBe(true);
  });

  it('give more the more they cost', () => {
    for (const quota of quotaNames) {
      const [free, pro, enterprise] = [planLimits.free[quota], planLimits.pro[quota], planLimits.enterprise[quota]];
      if (free !== null && pro !== null && enterprise !== null) expect(free < pro && pro < enterprise).toBe(true);
    }
  });

  it('give way to what was agreed with one organization', () => {
    expect(limitsOf('free', { runsPerDay: 3, projects: null })).toMatchObject({ runsPerDay: 3, projects: null, runsPerMonth: 100 });
  });
});

describe('findCrossing', () => {
  it('lets a quota be used up, and names the first that has no room for more', () => {
    const limits = planLimits.free;
    const wanted = (used: number) => [
      { quota: 'runsPerDay', used: 1_000_000, more: 1 } as const,
      { quota: 'concurrentRuns', used, more: 1 } as const,
      { quota: 'runsPerMonth', used: 100, more: 1 } as const,
    ];
    expect(findCrossing(limits, wanted(5))).toEqual({ quota: 'concurrentRuns', limit: 5, used: 5 });
    expect(findCrossing(limits, wanted(4))).toEqual({ quota: 'runsPerMonth', limit: 100, used: 100 });
    expect(findCrossing(limits, wanted(4).slice(0, 2))).toBeUndefined();
  });
});

describe('quotaResetAt', () => {
  it('is the next day or month of UTC, over the end of a year too', () => {
    const lastEvening = new Date('2026-12-31T23:59:59.999Z');
    expect(quotaResetAt('runsPerDay', lastEvening)?.toISOString()).toBe('2027-01-01T00:00:00.000Z');
    expect(quotaResetAt('runsPerMonth', lastEvening)?.toISOString()).toBe('2027-01-01T00:00:00.000Z');
    expect(quotaResetAt('runsPerMonth', new Date('2026-01-31T00:00:00Z'))?.toISOString()).toBe('2026-02-01T00:00:00.000Z');
    expect(quotaResetAt('projects', lastEvening)).toBeNull();
  });
});

describe('describeQuota', () => {
  it('says how much of what', () => {
    expect(describeQuota({ quota: 'eventsPerRun', limit: 10_000 })).toBe('10,000 sidecar events in a run');
  });
});
