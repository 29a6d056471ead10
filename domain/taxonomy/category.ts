import type { Severity } from '../severity.ts';
import type { AtlasId, OwaspAgentic2026Id, OwaspLlm2025Id } from './standard-ids.ts';

/** The first part of a category's id. */
export const categoryFamilies = {
  INJ: 'Prompt injection',
  JBK: 'Jailbreak',
  GOAL: 'Goal manipulation',
  TOOL: 'Tool abuse',
  IDN: 'Identity and privilege',
  DATA: 'Disclosure and exfiltration of data',
  CODE: 'Code execution',
  OUT: 'Unsafe output',
  MEM: 'Memory and context poisoning',
  MAS: 'Systems of several agents',
  SUP: 'Supply chain',
  RES: 'Resource exhaustion',
  HUM: 'Exploitation of human trust',
  ROG: 'Evasion of oversight',
} as const;
export type CategoryFamily = keyof typeof categoryFamilies;

/** What tells that an attack of the category succeeded. */
export const oracles = {
  telemetry: 'a tool call or side effect that the sidecar reports',
  canary: 'a planted token in the answer or in a call',
  pattern: 'a shape in the answer: a secret, personal data, active content, a refusal that is missing',
  judge: 'the LLM judge where one is configured; without it the others decide alone',
} as const;
export type Oracle = keyof typeof oracles;

/** A kind of weakness that probes look for. */
export interface Category {
  readonly id: `${CategoryFamily}-${string}`;
  readonly title: string;
  readonly description: string;
  /** How bad it usually is; each probe has its own severity. */
  readonly severity: Severity;
  /** The entry of OWASP's LLM list of 2025; that of 2026 follows from it. */
  readonly owaspLlm: OwaspLlm2025Id;
  readonly owaspAgentic: readonly OwaspAgentic2026Id[];
  readonly atlas: readonly AtlasId[];
  readonly oracles: readonly Oracle[];
  readonly remediation: string;
}

/** The family of a category, which its id begins with. */
export function familyOf({ id }: Category): CategoryFamily {
  return id.slice(0, id.indexOf('-')) as CategoryFamily;
}
