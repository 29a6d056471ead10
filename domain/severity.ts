/** Severities from worst to least, as findings and scripts use them. */
export const severities = ['critical', 'high', 'medium', 'low'] as const;
export type Severity = (typeof severities)[number];

/** Weight of a probe of this severity in the risk score; see docs/scoring.md. */
export const severityWeight: Readonly<Record<Severity, number>> = {
  critical: 1,
  high: 0.75,
  medium: 0.5,
  low: 0.25,
};

/** True when `severity` is as bad as `threshold` or worse. */
export function isAtLeast(severity: Severity, threshold: Severity): boolean {
  return severities.indexOf(severity) <= severities.indexOf(threshold);
}
