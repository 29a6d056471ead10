/** What a prompt injection tries. */
export const injectionLabels = [
  'direct_override',
  'prompt_extraction',
  'role_play',
  'encoding',
  'multi_language',
  'context_breaking',
  'tool_manipulation',
] as const;

export type InjectionLabel = (typeof injectionLabels)[number];

/** Why a text was taken for an injection: a rule's place in it, in UTF-16 code units, end exclusive. */
export interface InjectionReason {
  readonly label: InjectionLabel;
  readonly ruleId: string;
  readonly start: number;
  readonly end: number;
  readonly excerpt: string;
}
