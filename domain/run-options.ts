/** What may be set for one run. Fixed when the run is planned. */
export interface RunOptions {
  /** Requests of this run to the target at once. */
  readonly concurrency: number;
  /** After this time the run stops by itself as `stopped_quota`. */
  readonly maxDurationMinutes: number;
  /** So many target faults in a row end the run as `incomplete`. */
  readonly circuitBreakerThreshold: number;
  /** Requests per probe at most. */
  readonly maxAttempts: number;
  /** From the first request of a probe to its last, waits included; a longer `Retry-After` is not waited for. */
  readonly stepDeadlineSeconds: number;
}

export const defaultRunOptions: RunOptions = {
  concurrency: 4,
  maxDurationMinutes: 30,
  circuitBreakerThreshold: 5,
  maxAttempts: 3,
  stepDeadlineSeconds: 180,
};

/** Bounds of each option, both ends inclusive. */
export const runOptionBounds: { readonly [Name in keyof RunOptions]: { readonly min: number; readonly max: number } } = {
  concurrency: { min: 1, max: 200 },
  maxDurationMinutes: { min: 0.05, max: 1_440 },
  circuitBreakerThreshold: { min: 1, max: 1_000 },
  maxAttempts: { min: 1, max: 10 },
  stepDeadlineSeconds: { min: 1, max: 3_600 },
};
