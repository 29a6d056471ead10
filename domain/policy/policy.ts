import type { Environment, RiskAssessment } from '../risk/assess-risk.ts';
import type { SideEffect, StepKind } from '../script.ts';
import { isAtLeast, type Severity } from '../severity.ts';

/**
 * What may be sent without asking. Rules are tried in order, those of the project before those of the organization; the
 * first that fits decides. What no rule fits is sent when it is of low risk, and otherwise not at all.
 */
export interface PolicyDocument {
  readonly rules: readonly PolicyRule[];
  /** A run for which this fits needs one approval as a whole before its first step; one on production always does. */
  readonly runApproval?: { readonly atLeast: Severity };
}

export interface PolicyRule {
  readonly name: string;
  readonly when: PolicyCondition;
  readonly action: PolicyAction;
  /** Different people who must approve. Default 1. */
  readonly quorum?: number;
  /** Hours until an unanswered request lapses. Default by risk, see `defaultExpiryHours`. */
  readonly expiresInHours?: number;
}

/** Fits when everything that is named fits. An empty condition fits always. */
export interface PolicyCondition {
  readonly risk?: readonly Severity[];
  /** Ids or families of the taxonomy: `TOOL-01`, or `TOOL-*`. */
  readonly categories?: readonly string[];
  readonly effects?: readonly SideEffect[];
  readonly environments?: readonly Environment[];
  readonly kinds?: readonly StepKind[];
  /** Ids of the risk assessment, one of which matched: `payment.amount`, or `payment.*`. */
  readonly riskRules?: readonly string[];
}

export const policyActions = ['allow', 'approve', 'refuse'] as const;
export type PolicyAction = (typeof policyActions)[number];

/** Whose policy it is, in order of precedence. */
export const policyScopes = ['project', 'organization'] as const;
export type PolicyScope = (typeof policyScopes)[number];

/** Where a document came from; `null` is what ships with Ordeal. */
export interface PolicySource {
  readonly policyId: string | null;
  readonly version: number;
  readonly document: PolicyDocument;
}

export interface PolicySubject {
  readonly risk: RiskAssessment;
  readonly category: string;
  readonly effect: SideEffect | null;
  readonly environment: Environment;
  readonly kind: StepKind;
}

export interface PolicyDecision {
  readonly action: PolicyAction;
  /** The rule that decided; null when none fitted. */
  readonly rule: { readonly policyId: string | null; readonly version: number; readonly name: string } | null;
  readonly quorum: number;
  readonly expiresInHours: number;
}

/**
 * The policy of an organization that has made none: in a test environment everything may be sent, elsewhere what is of
 * low risk, and the rest waits for a person.
 */
export const builtinPolicy: PolicySource = {
  policyId: null,
  version: 1,
  document: {
    rules: [
      { name: 'anything in a test environment', when: { environments: ['test'] }, action: 'allow' },
      { name: 'low risk', when: { risk: ['low'] }, action: 'allow' },
      { name: 'everything else', when: {}, action: 'approve' },
    ],
  },
};

/** Hours in which a request must be decided, by risk. */
export const defaultExpiryHours: Readonly<Record<Severity, number>> = { low: 24, medium: 24, high: 8, critical: 4 };

/** Decides by the first rule that fits; `policies` are in order of precedence. */
export function decideByPolicy(policies: readonly PolicySource[], subject: PolicySubject): PolicyDecision {
  const { level } = subject.risk;
  for (const { policyId, version, document } of policies) {
    const rule = document.rules.find(({ when }) => fits(when, subject));
    if (rule === undefined) continue;
    const { name, action, quorum = 1, expiresInHours = defaultExpiryHours[level] } = rule;
    return { action, rule: { policyId, version, name }, quorum, expiresInHours };
  }
  return { action: level === 'low' ? 'allow' : 'refuse', rule: null, quorum: 1, expiresInHours: defaultExpiryHours[level] };
}

/** Whether a run must be approved as a whole, given the worst risk in its plan. */
export function needsRunApproval(
  policies: readonly PolicySource[],
  plan: { readonly environment: Environment; readonly worst: Severity },
): boolean {
  if (plan.environment === 'production') return true;
  const named = policies.find(({ document }) => document.runApproval !== undefined)?.document.runApproval;
  return named !== undefined && isAtLeast(plan.worst, named.atLeast);
}

function fits(when: PolicyCondition, { risk, category, effect, environment, kind }: PolicySubject): boolean {
  if (when.risk !== undefined && !when.risk.includes(risk.level)) return false;
  if (when.environments !== undefined && !when.environments.includes(environment)) return false;
  if (when.kinds !== undefined && !when.kinds.includes(kind)) return false;
  if (when.effects !== undefined && (effect === null || !when.effects.includes(effect))) return false;
  if (when.categories?.some((pattern) => matchesPattern(pattern, category)) === false) return false;
  return when.riskRules?.some((pattern) => risk.matches.some(({ rule }) => matchesPattern(pattern, rule))) !== false;
}

/** Exactly, or everything that begins so when the pattern ends in `*`. */
function matchesPattern(pattern: string, text: string): boolean {
  return pattern.endsWith('*') ? text.startsWith(pattern.slice(0, -1)) : text === pattern;
}
