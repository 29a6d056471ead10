/** What may be set for one run. Fixed when the run is planned, but for what `adjustableOptions` names. */
export interface RunOptions {
  /** Requests of this run to the target at once. */
  readonly concurrency: number;
  /** After this time the run stops by itself as `stopped_quota`. Time that it is paused does not count. */
  readonly maxDurationMinutes: number;
  /** After so long in pauses, all of them together, the run stops by itself as `stopped_quota`. */
  readonly maxPausedMinutes: number;
  /** Requests of this run that start in a minute, evenly spaced; `null`: as many as its concurrency gives. */
  readonly maxRequestsPerMinute: number | null;
  /** So many target faults in a row end the run as `incomplete`. */
  readonly circuitBreakerThreshold: number;
  /** Requests per probe at most. */
  readonly maxAttempts: number;
  /** From the first request of a probe, or from when the run was last resumed, to its last, waits included; a longer `Retry-After` is not waited for. */
  readonly stepDeadlineSeconds: number;
  /** What is not cleaned up so long after the last step is left, and listed. */
  readonly maxCleanupMinutes: number;
}

export const defaultRunOptions: RunOptions = {
  concurrency: 4,
  maxDurationMinutes: 30,
  maxPausedMinutes: 1_440,
  maxRequestsPerMinute: null,
  circuitBreakerThreshold: 5,
  maxAttempts: 3,
  stepDeadlineSeconds: 180,
  maxCleanupMinutes: 15,
};

/** Bounds of each option, both ends inclusive. */
export const runOptionBounds: { readonly [Name in keyof RunOptions]: { readonly min: number; readonly max: number } } = {
  concurrency: { min: 1, max: 200 },
  maxDurationMinutes: { min: 0.05, max: 1_440 },
  maxPausedMinutes: { min: 0.05, max: 10_080 },
  maxRequestsPerMinute: { min: 1, max: 60_000 },
  circuitBreakerThreshold: { min: 1, max: 1_000 },
  maxAttempts: { min: 1, max: 10 },
  stepDeadlineSeconds: { min: 1, max: 3_600 },
  maxCleanupMinutes: { min: 0.05, max: 240 },
};

/** What may be changed of a run that lives. */
export const adjustableOptions = ['concurrency', 'maxRequestsPerMinute'] as const;
export type RunAdjustment = Partial<Pick<RunOptions, (typeof adjustableOptions)[number]>>;

/** The options of a stored run as they are in force: of runs from before an option existed, its default. */
export function optionsInForce(planned: Partial<RunOptions>, adjustments: RunAdjustment): RunOptions {
  return { ...defaultRunOptions, ...planned, ...adjustments };
}

/** What is wrong with an adjustment that came from outside, in one sentence; undefined when it may be made. */
export function adjustmentFault(asked: unknown): string | undefined {
  if (typeof asked !== 'object' || asked === null) return 'An adjustment is an object such as {"concurrency": 2}.';
  const entries = Object.entries(asked);
  if (entries.length === 0) return `Nothing is to be changed: name ${adjustableOptions.join(' or ')}.`;
  for (const [name, value] of entries) {
    const option = adjustableOptions.find((known) => known === name);
    if (option === undefined) return `${name} cannot be changed while a run lives; ${adjustableOptions.join(' and ')} can.`;
    const { min, max } = runOptionBounds[option];
    if (option === 'maxRequestsPerMinute' && value === null) continue;
    const isInBounds = typeof value === 'number' && value >= min && value <= max;
    if (!isInBounds || (option === 'concurrency' && !Number.isInteger(value))) {
      return `${option} must be a ${option === 'concurrency' ? 'whole ' : ''}number from ${min} to ${max}.`;
    }
  }
  return undefined;
}
