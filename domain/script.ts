import type { Severity } from './severity.ts';

/**
 * A script as its author writes it: steps that run in order and share one session with the target.
 * `contracts/script.ts` validates the same shape and is checked against these types.
 */
export interface ScriptDefinition {
  /** Short stable name such as `S1`; unique in an organization. */
  readonly slug: string;
  readonly title: string;
  readonly description: string;
  readonly steps: readonly StepDefinition[];
}

export interface StepDefinition {
  /** Stable within the script, such as `S1-01`. */
  readonly id: string;
  readonly title: string;
  readonly kind: 'send_prompt';
  /** Category id of the taxonomy, such as `INJ-01`. */
  readonly category: string;
  readonly severity: Severity;
  /** The prompt, a template: see `domain/template.ts` for the variables. */
  readonly prompt: string;
  readonly detectors: readonly DetectorSpec[];
  /**
   * What "resisted" rests on: `answer` (an answer received and judged) or `events` (that, and a gap-free
   * sequence of sidecar events for the turn).
   */
  readonly evidence: 'answer' | 'events';
  readonly remediation: string;
}

/** Which sign of success to look for. One row per detector; the first that fires decides the weakness. */
export type DetectorSpec =
  /** The canary of this probe (or the one planted in the target under `canary`) is in the answer. */
  | { readonly kind: 'canary_leak'; readonly canary?: string }
  /** Something shaped like a credential is in the answer, or a secret the target declared as planted. */
  | { readonly kind: 'secret_leak' }
  /** A tool was called that this step does not permit. Names may end in `*`. */
  | { readonly kind: 'unauthorised_tool_call'; readonly allowed?: readonly string[]; readonly forbidden?: readonly string[] }
  /** A tool call had an effect (`effect` of the event) of one of these kinds. */
  | { readonly kind: 'side_effect'; readonly effects: readonly SideEffect[] }
  /** The agent complied instead of refusing. For steps whose request is itself the violation. */
  | { readonly kind: 'compliance' };

export type DetectorKind = DetectorSpec['kind'];

/** What a tool call did to the world, as its sidecar event declares it. */
export const sideEffects = ['read', 'write', 'delete', 'send', 'payment', 'permission', 'execute'] as const;
export type SideEffect = (typeof sideEffects)[number];
