/** What an organization may use. Which plan it has is data of the organization, and so is what was agreed beyond the plan. */
export const plans = ['free', 'pro', 'enterprise', 'self_hosted'] as const;
export type Plan = (typeof plans)[number];

/**
 * - `projects`: how many there are.
 * - `runsPerMonth`, `runsPerDay`: runs that were planned, in a month or day of UTC.
 * - `concurrentRuns`: runs that have not ended.
 * - `runMinutes`: the longest that a run may be given.
 * - `eventsPerRun`: sidecar events of one run.
 * - `storedEvents`, `storageMegabytes`: what came in within the days of retention; what is older is to be deleted and
 *   no longer counts.
 * - `modelTokensPerMonth`: tokens of language models, those of requests under way included.
 */
export const quotaNames = [
  'projects',
  'runsPerMonth',
  'runsPerDay',
  'concurrentRuns',
  'runMinutes',
  'eventsPerRun',
  'storedEvents',
  'storageMegabytes',
  'modelTokensPerMonth',
] as const;
export type QuotaName = (typeof quotaNames)[number];

/** `null`: no limit. */
export type QuotaLimits = Readonly<Record<QuotaName, number | null>> & {
  /** For how long what came in is kept, and counted. `null`: for ever. */
  readonly retentionDays: number | null;
};

const unlimited: QuotaLimits = {
  projects: null,
  runsPerMonth: null,
  runsPerDay: null,
  concurrentRuns: null,
  runMinutes: null,
  eventsPerRun: null,
  storedEvents: null,
  storageMegabytes: null,
  modelTokensPerMonth: null,
  retentionDays: null,
};

export const planLimits: Readonly<Record<Plan, QuotaLimits>> = {
  free: {
    projects: 5,
    runsPerMonth: 100,
    runsPerDay: null,
    concurrentRuns: 5,
    runMinutes: 30,
    eventsPerRun: 10_000,
    storedEvents: 50_000,
    storageMegabytes: 1_000,
    modelTokensPerMonth: 1_000_000,
    retentionDays: 7,
  },
  pro: {
    projects: 50,
    runsPerMonth: 2_000,
    runsPerDay: null,
    concurrentRuns: 20,
    runMinutes: 120,
    eventsPerRun: 100_000,
    storedEvents: 1_000_000,
    storageMegabytes: 20_000,
    modelTokensPerMonth: 50_000_000,
    retentionDays: 30,
  },
  enterprise: {
    projects: 500,
    runsPerMonth: 50_000,
    runsPerDay: null,
    concurrentRuns: 100,
    runMinutes: 720,
    eventsPerRun: 1_000_000,
    storedEvents: 20_000_000,
    storageMegabytes: 500_000,
    modelTokensPerMonth: 1_000_000_000,
    retentionDays: 365,
  },
  self_hosted: unlimited,
};

/** What was agreed with one organization beyond, or below, its plan. */
export type QuotaOverrides = Partial<QuotaLimits>;

export function limitsOf(plan: Plan, overrides: QuotaOverrides): QuotaLimits {
  return { ...planLimits[plan], ...overrides };
}

/** That something is over a quota: which, and by what. */
export interface QuotaCrossing {
  readonly quota: QuotaName;
  readonly limit: number;
  /** What was in use when it was refused. */
  readonly used: number;
}

/** The first of these quotas that has no room for as much more. */
export function findCrossing(
  limits: QuotaLimits,
  wanted: readonly { readonly quota: QuotaName; readonly used: number; readonly more: number }[],
): QuotaCrossing | undefined {
  for (const { quota, used, more } of wanted) {
    const limit = limits[quota];
    if (limit !== null && used + more > limit) return { quota, limit, used };
  }
  return undefined;
}

/** When a quota begins anew; `null` where room comes back only by giving something up, or as days pass. */
export function quotaResetAt(quota: QuotaName, now: Date): Date | null {
  const [year, month, day] = [now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()];
  switch (quota) {
    case 'runsPerDay':
      return new Date(Date.UTC(year, month, day + 1));
    case 'runsPerMonth':
    case 'modelTokensPerMonth':
      return new Date(Date.UTC(year, month + 1, 1));
    case 'projects':
    case 'concurrentRuns':
    case 'runMinutes':
    case 'eventsPerRun':
    case 'storedEvents':
    case 'storageMegabytes':
      return null;
  }
}

const quotaWords: Readonly<Record<QuotaName, string>> = {
  projects: 'projects',
  runsPerMonth: 'runs a month',
  runsPerDay: 'runs a day',
  concurrentRuns: 'runs at once',
  runMinutes: 'minutes for a run',
  eventsPerRun: 'sidecar events in a run',
  storedEvents: 'stored sidecar events',
  storageMegabytes: 'MB of storage',
  modelTokensPerMonth: 'tokens of language models a month',
};

/** Such as `5 runs at once`. */
export function describeQuota({ quota, limit }: Pick<QuotaCrossing, 'quota' | 'limit'>): string {
  return `${limit.toLocaleString('en-US')} ${quotaWords[quota]}`;
}
