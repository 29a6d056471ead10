import type { SideEffect } from '../script.ts';
import { severities, type Severity } from '../severity.ts';
import { riskReadings } from './risk-readings.ts';
import type { RiskRule } from './risk-rules.ts';
import { rulesWithSign } from './risk-signs.ts';

export const environments = ['test', 'staging', 'production'] as const;
/** What a project's targets serve. */
export type Environment = (typeof environments)[number];

/** A text of the request: as the script's author wrote it, and as it goes over the wire. */
export interface RiskText {
  /** Where a person finds it, such as `prompt`, `url` or `body`. */
  readonly where: string;
  readonly text: string;
}

export interface RiskFacts {
  readonly texts: readonly RiskText[];
  /** HTTP method of a request that a script writes itself; null where the target's own chat request carries the prompt. */
  readonly method: string | null;
  /** HTTP method of the request that cleans up after it; null where there is none. */
  readonly cleanupMethod: string | null;
  /** What the step says that the agent would do if it obeyed. */
  readonly effect: SideEffect | null;
  readonly environment: Environment;
}

export interface RiskMatch {
  readonly rule: string;
  readonly level: Severity;
  readonly title: string;
  /** The text, as in `RiskText`; with `, decoded` behind it where the text says so once its encodings are undone. */
  readonly where: string;
  /** Offsets into the text, in UTF-16 units; null where the match is not of the text as it stands. */
  readonly span: readonly [start: number, end: number] | null;
  /** What matched, at most 120 characters. */
  readonly excerpt: string;
}

export interface RiskAssessment {
  readonly level: Severity;
  /** Every rule that matched, the worst first; a rule is named once for each text. */
  readonly matches: readonly RiskMatch[];
}

const maxExcerpt = 120;

/** Says how dangerous it is to send this, and every reason. Without any it is `low`. */
export function assessRisk(facts: RiskFacts): RiskAssessment {
  const found = [...methodMatches(facts), ...effectMatches(facts), ...facts.texts.flatMap(textMatches)];
  const matches = [...found, ...productionMatches(facts, found)].toSorted((a, b) => rank(a.level) - rank(b.level));
  return { level: matches[0]?.level ?? 'low', matches };
}

/** From 0 for the worst. */
function rank(level: Severity): number {
  return severities.indexOf(level);
}

function textMatches({ where, text }: RiskText): RiskMatch[] {
  const matches = new Map<string, RiskMatch>();
  for (const [depth, reading] of riskReadings(text).entries()) {
    for (const rule of rulesWithSign(reading)) {
      const match = matches.has(rule.id) ? null : firstMatch(rule, reading);
      if (match === null) continue;
      matches.set(rule.id, { ...match, where: depth === 0 ? where : `${where}, decoded`, span: depth === 0 ? match.span : null });
    }
  }
  return [...matches.values()];
}

function firstMatch({ id, level, title, pattern }: RiskRule, text: string) {
  pattern.lastIndex = 0;
  const match = pattern.exec(text);
  if (match === null) return null;
  const [whole] = match;
  return { rule: id, level, title, span: [match.index, match.index + whole.length] as const, excerpt: whole.slice(0, maxExcerpt) };
}

const methodLevels: Readonly<Record<string, Severity>> = { DELETE: 'high', PUT: 'medium', PATCH: 'medium', POST: 'medium' };

function methodMatches({ method, cleanupMethod }: RiskFacts): RiskMatch[] {
  return [...matchesOfMethod('method', method), ...matchesOfMethod('cleanup method', cleanupMethod)];
}

function matchesOfMethod(where: string, method: string | null): RiskMatch[] {
  const level = method === null ? undefined : methodLevels[method.toUpperCase()];
  if (method === null || level === undefined) return [];
  const title = level === 'high' ? 'Deletes by its own request' : 'Writes by its own request';
  return [{ rule: 'request.method', level, title, where, span: null, excerpt: method.toUpperCase() }];
}

const effectLevels: Readonly<Record<SideEffect, Severity>> = {
  read: 'low',
  write: 'medium',
  send: 'medium',
  execute: 'high',
  permission: 'high',
  delete: 'high',
  payment: 'high',
};

function effectMatches({ effect }: RiskFacts): RiskMatch[] {
  if (effect === null || effectLevels[effect] === 'low') return [];
  const title = `Declares that an agent which obeys would have the effect "${effect}"`;
  return [{ rule: 'step.effect', level: effectLevels[effect], title, where: 'effect', span: null, excerpt: effect }];
}

/** In production nothing that matched is less than high, and what was high is critical. */
function productionMatches({ environment }: RiskFacts, found: readonly RiskMatch[]): RiskMatch[] {
  if (environment !== 'production' || found.length === 0) return [];
  const isHigh = found.some(({ level }) => rank(level) <= rank('high'));
  const level = isHigh ? 'critical' : 'high';
  return [
    { rule: 'environment.production', level, title: 'Would be sent to production', where: 'environment', span: null, excerpt: environment },
  ];
}
