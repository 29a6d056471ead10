import type { Id } from './ids.ts';

declare const form: unique symbol;

/** The forms that text in an audit row may have beside ids: none has room for what people write. */
const textForms = {
  sha256: /^[0-9a-f]{64}$/,
  /** ISO 8601. */
  instant: /^\d{4}-\d\d-\d\dT[\d:.]{5,18}(?:Z|[+-]\d\d:\d\d)$/,
  /** What scripts, strategies, styles, categories and keys are called by machines, with a version or layers. */
  slug: /^[\w*][\w.*/@+-]{0,199}$/,
  /** Scheme, host and port. */
  origin: /^https?:\/\/[^\s/?#@]{1,300}$/,
} as const;
export type AuditTextForm = keyof typeof textForms;

/** Text that was seen to have such a form. */
export type AuditText = string & { readonly [form]: AuditTextForm };

export class AuditTextError extends TypeError {
  constructor(wanted: AuditTextForm) {
    super(
      `An audit row would hold text that is no ${wanted}. It takes references and digests alone; keep the text where it can be erased.`,
    );
    this.name = 'AuditTextError';
  }
}

/** The text, as something that audit rows may hold; throws `AuditTextError` when it does not have this form. */
export function auditText(wanted: AuditTextForm, text: string): AuditText;
export function auditText(wanted: AuditTextForm, text: string | null): AuditText | null;
export function auditText(wanted: AuditTextForm, text: string | null): AuditText | null {
  if (text === null) return null;
  if (!textForms[wanted].test(text)) throw new AuditTextError(wanted);
  return text as AuditText;
}

type AuditScalar = number | boolean | null | undefined | Id<string> | AuditText;

/**
 * A type as an audit row may hold it: numbers, ids, members of closed sets, text of a known form. Any other text is `never`, so that
 * what people write does not compile as a part of a detail: rows are chained and never erased.
 */
export type Auditable<Value> = Value extends AuditScalar
  ? Value
  : Value extends string
    ? Closed<Value>
    : Value extends readonly (infer Item)[]
      ? readonly Auditable<Item>[]
      : Value extends object
        ? { readonly [Key in keyof Value]: Auditable<Value[Key]> }
        : never;

/** A string literal: only an open set of strings makes an index signature as the key of a record. */
type Closed<Text extends string> = Record<never, never> extends Record<Text, true> ? never : Text;
