import { assessRisk, type Environment, type RiskAssessment, type RiskFacts } from '../risk/assess-risk.ts';
import { riskOfExchange, type ExchangeFacts } from '../risk/risk-facts.ts';
import type { StepDefinition } from '../script.ts';
import { decideByPolicy, type PolicyDecision, type PolicySource } from './policy.ts';

/** What decides about the requests of a run. */
export interface RunRules {
  readonly environment: Environment;
  /** In order of precedence. */
  readonly policies: readonly PolicySource[];
}

export interface WeighedExchange {
  readonly risk: RiskAssessment;
  readonly decision: PolicyDecision;
}

/** How risky an exchange is, and what the policies say of that: for the gate in front of the target and for previews alike. */
export function weighExchange(rules: RunRules, exchange: Omit<ExchangeFacts, 'environment'>): WeighedExchange {
  return weighRisk(rules, exchange.step, riskOfExchange({ ...exchange, environment: rules.environment }));
}

/** The same, from what is known before there is an exchange. */
export function weighRisk({ policies, environment }: RunRules, step: StepDefinition, facts: RiskFacts): WeighedExchange {
  const { category, kind, effect = null } = step;
  const risk = assessRisk(facts);
  return { risk, decision: decideByPolicy(policies, { risk, category, kind, effect, environment }) };
}
