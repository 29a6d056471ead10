import { showHidden } from '../markdown.ts';

/** Markup that is safe to put into a page as it is. Only `html` makes it. */
export interface SafeHtml {
  readonly safeHtml: string;
}

type HtmlValue = string | number | SafeHtml | readonly SafeHtml[];

/**
 * Builds markup from a template. Whatever is put in is escaped, for text and for attributes in double quotes, and
 * hidden characters are written out; only other `html` markup goes in as it is.
 */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): SafeHtml {
  return { safeHtml: strings.reduce((text, part, index) => text + renderValue(values[index - 1] ?? '') + part) };
}

/** Takes a text from this code into a page as it is: a style sheet, never anything that comes from outside. */
export function trustedHtml(text: string): SafeHtml {
  return { safeHtml: text };
}

function renderValue(value: HtmlValue): string {
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return escapeHtml(value);
  return 'safeHtml' in value ? value.safeHtml : value.map((one) => one.safeHtml).join('');
}

function escapeHtml(text: string): string {
  return showHidden(text).replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;').replace(/'/g, '&#39;');
}
