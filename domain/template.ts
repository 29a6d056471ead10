import { OrdealError } from './failures.ts';
import { didYouMean } from './nearest-name.ts';

/**
 * Variables of a script's prompts.
 *
 * - `canary`: a token of this probe alone. A prompt that contains it cannot prove obedience: an agent may merely quote it.
 * - `canary.left`, `canary.right`: its two halves. A prompt asks for the joined token without containing it.
 * - `session`: the id of the session that the steps of a script share.
 * - `marker`: a neutral word that is the same in all steps of a session, for agreements that a later step calls on.
 */
export const promptVariableNames = ['canary', 'canary.left', 'canary.right', 'session', 'marker'] as const;

/** Beside those of prompts, in a request that brings a document to the agent. */
export const documentVariableNames = ['document_content', 'document_name'] as const;
/** Beside those of prompts, in the prompt about a document that Ordeal serves. */
export const servedVariableNames = ['document_url'] as const;
/** Of a cleanup: all that is known before its step is sent. */
export const cleanupVariableNames = ['run', 'probe', ...promptVariableNames] as const;
export type PromptVariableName = (typeof promptVariableNames)[number];
export type PromptVariables = Readonly<Record<PromptVariableName, string>>;

/** A `{{name}}` in a template. Positions are UTF-16 code units, end exclusive. */
export interface TemplateReference {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

// `\{{name}}` stands for the literal text `{{name}}`.
const referencePattern = /\\?\{\{[ \t]*([A-Za-z_][\w.-]*)[ \t]*\}\}/g;

/** The references of a template, in order; escaped ones are not references. */
export function templateReferences(template: string): readonly TemplateReference[] {
  const references: TemplateReference[] = [];
  for (const match of template.matchAll(referencePattern)) {
    const name = match[1];
    if (name === undefined || match[0].startsWith('\\')) continue;
    references.push({ name, start: match.index, end: match.index + match[0].length });
  }
  return references;
}

/** A template that renders to `text` as it is, whatever that looks like. */
export function escapeTemplate(text: string): string {
  return text.replace(/\{\{[ \t]*[A-Za-z_][\w.-]*[ \t]*\}\}/g, String.raw`\$&`);
}

/** What is wrong with a variable name, or undefined when it is one of `known`. */
export function unknownVariableMessage(name: string, known: readonly string[]): string | undefined {
  if (known.includes(name)) return undefined;
  return `unknown variable "${name}"${didYouMean(name, known)}; known are ${known.join(', ')}`;
}

/** A piece of a rendered template: its own text, or the value of a variable. */
export interface RenderedPart {
  readonly text: string;
  readonly isValue: boolean;
}

/**
 * Replaces every `{{name}}` by its value, in a single pass: a value that looks like a reference stays as it is.
 * Throws `invalid_script` on a name that `variables` does not have.
 */
export function renderTemplate(template: string, variables: Readonly<Record<string, string>>): string {
  return template.replace(referencePattern, (whole, name: string) => valueOf(whole, name, variables));
}

/** As `renderTemplate`, with the values told from the text around them. */
export function renderTemplateParts(template: string, variables: Readonly<Record<string, string>>): readonly RenderedPart[] {
  const parts: RenderedPart[] = [];
  let end = 0;
  for (const match of template.matchAll(referencePattern)) {
    parts.push({ text: template.slice(end, match.index), isValue: false });
    parts.push({ text: valueOf(match[0], match[1] ?? '', variables), isValue: !match[0].startsWith('\\') });
    end = match.index + match[0].length;
  }
  return [...parts, { text: template.slice(end), isValue: false }].filter((part) => part.text !== '');
}

function valueOf(whole: string, name: string, variables: Readonly<Record<string, string>>): string {
  if (whole.startsWith('\\')) return whole.slice(1);
  const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
  if (value !== undefined) return value;
  const message = unknownVariableMessage(name, Object.keys(variables)) ?? `variable "${name}" has no value`;
  throw new OrdealError('invalid_script', `The template cannot be rendered: ${message}`, { issues: [{ field: name, message }] });
}
