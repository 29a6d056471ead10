/** One secret in a text: UTF-16 code units, end exclusive. */
export interface SecretMatch {
  /** Which rule saw it, e.g. `github-token` or `assigned-password`. */
  readonly ruleId: string;
  readonly start: number;
  readonly end: number;
  /** 0 to 1. A provider's own prefix is surest, a random-looking value near a service's name least. */
  readonly confidence: number;
}
