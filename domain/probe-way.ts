import { plainStyle } from './generation/style.ts';
import { plainStrategy } from './strategies/strategy.ts';

/** How the prompt of a probe is put: the manner in which it is asked, and what is done to the text. */
export interface ProbeWay {
  /** `plain` for no story around it. */
  readonly style: string;
  /** `plain` for as it is written. */
  readonly strategy: string;
}

/** What tells a way of putting a step from the others, after the title of the step: ` [base64]`, and nothing for the plain way. */
export function waySuffix({ style, strategy }: ProbeWay): string {
  const names = [...(style === plainStyle ? [] : [style]), ...(strategy === plainStrategy ? [] : [strategy])];
  return names.length === 0 ? '' : ` [${names.join(', ')}]`;
}

/** Names a step in this way, in its script; a slash is in no name. */
export function wayKey({ stepId, style, strategy }: ProbeWay & { readonly stepId: string }): string {
  return `${stepId}/${style}/${strategy}`;
}
