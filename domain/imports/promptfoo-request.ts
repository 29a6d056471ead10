import type { JsonValue } from '../target.ts';
import { translateTemplate, type TemplateReading } from './foreign-template.ts';
import type { ImportNotes, ImportPath } from './import-notes.ts';
import { asJsonValue, isFileReference, isRecord, mapStrings } from './imported-value.ts';
import { framingHeaders } from '../framing-headers.ts';
import { bodyCredential, isCredentialName, urlCredentialFault, withoutCredentials } from './imported-target.ts';
import { parseJsonTemplate } from './json-template.ts';

/** What every part of one provider's mapping needs. */
export interface PartContext {
  readonly notes: ImportNotes;
  readonly reading: TemplateReading;
  /** Says that the target as a whole cannot be carried over, and why. */
  readonly giveUp: (path: ImportPath, reason: string) => void;
}

/** Headers as written, names in lower case, not translated yet. */
export type RawHeaders = ReadonlyMap<string, { readonly path: ImportPath; readonly template: string }>;

/** Headers without those that Ordeal sets itself. */
export function readHeaders(value: unknown, path: ImportPath, notes: ImportNotes): RawHeaders {
  const headers = new Map<string, { path: ImportPath; template: string }>();
  if (value === undefined) return headers;
  if (!isRecord(value)) {
    notes.refused(path, 'is not a mapping of header names to values');
    return headers;
  }
  for (const [written, template] of Object.entries(value)) {
    const name = written.toLowerCase();
    const at = [...path, written];
    if (framingHeaders.has(name)) notes.changed(at, 'left out: Ordeal sets it itself');
    else if (typeof template !== 'string' && typeof template !== 'number') notes.refused(at, 'is not text');
    else headers.set(name, { path: at, template: String(template) });
  }
  return headers;
}

/** The body of a request, or undefined after giving up. */
export function readBody(value: unknown, path: ImportPath, context: PartContext): JsonValue | undefined {
  if (isFileReference(value)) {
    context.giveUp(path, 'names another file, which is not read; put the body here');
    return undefined;
  }
  const json = typeof value === 'string' ? parseJsonTemplate(value) : asJsonValue(value);
  if (json === undefined || typeof json !== 'object' || json === null) {
    context.giveUp(path, 'is no JSON object or list, and Ordeal sends bodies as JSON');
    return undefined;
  }
  if (typeof value === 'string') context.notes.changed(path, 'text read as JSON; variables are filled in inside its strings');
  const faults: string[] = [];
  const { body: open, removed } = withoutCredentials(json);
  for (const found of removed) context.notes.refused([...path, ...found], bodyCredential);
  const body = mapStrings(open, (text) => {
    const translated = translateTemplate(text, context.reading);
    if (!translated.ok) {
      faults.push(translated.reason);
      return '';
    }
    noteTranslation(translated, path, context.notes);
    return translated.text;
  });
  if (faults.length > 0) {
    context.giveUp(path, [...new Set(faults)].join('; '));
    return undefined;
  }
  if (typeof value !== 'string') context.notes.taken(path, 'body');
  return body;
}

/** A URL with its query parameters, or undefined after giving up. */
export function readUrl(url: string, path: ImportPath, context: PartContext): string | undefined {
  const translated = translateTemplate(url.trim(), context.reading);
  if (!translated.ok) {
    context.giveUp(path, translated.reason);
    return undefined;
  }
  noteTranslation(translated, path, context.notes);
  const fault = urlCredentialFault(translated.text);
  if (fault !== undefined) context.giveUp(path, fault);
  return fault === undefined ? translated.text : undefined;
}

/** The URL with `queryParams` appended, percent-encoded but for the variables. */
export function appendQuery(url: string, value: unknown, place: { readonly path: ImportPath; readonly context: PartContext }): string {
  const { path, context } = place;
  if (value === undefined) return url;
  if (!isRecord(value)) {
    context.notes.refused(path, 'is not a mapping of names to values');
    return url;
  }
  const pairs: string[] = [];
  for (const [name, template] of Object.entries(value)) {
    const at = [...path, name];
    if (isCredentialName(name)) {
      context.notes.refused(
        at,
        'looks like a credential, and Ordeal keeps credentials out of URLs; send it as a header (auth of kind "header")',
      );
      continue;
    }
    if (typeof template !== 'string' && typeof template !== 'number' && typeof template !== 'boolean') {
      context.notes.refused(at, 'is not text');
      continue;
    }
    const translated = translateTemplate(String(template), context.reading);
    if (!translated.ok) context.giveUp(at, translated.reason);
    else {
      context.notes.changed(at, 'appended to the URL');
      pairs.push(`${encodeURIComponent(name)}=${encodeAroundVariables(translated.text)}`);
    }
  }
  if (pairs.length === 0) return url;
  const [withoutFragment = url] = url.split('#', 1);
  return `${withoutFragment}${withoutFragment.includes('?') ? '&' : '?'}${pairs.join('&')}`;
}

/** A request in the words of HTTP/1.1, taken apart. */
export interface RawRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** Takes `request` apart; a reason in text when it is no HTTP request. */
export function parseRawRequest(text: string, scheme: 'http' | 'https'): RawRequest | string {
  const lines = text
    .replaceAll('\r\n', '\n')
    .replace(/^\s*\n/, '')
    .split('\n');
  const requestLine = /^\s*([A-Za-z]+)[ \t]+(\S(?:.*\S)?)[ \t]+HTTP\/[\d.]+\s*$/.exec(lines[0] ?? '');
  if (requestLine === null) return 'does not begin with a request line such as POST /chat HTTP/1.1';
  const [, method = '', target = ''] = requestLine;
  const end = lines.findIndex((line, index) => index > 0 && line.trim() === '');
  const headers: Record<string, string> = {};
  for (const line of lines.slice(1, end === -1 ? undefined : end)) {
    const colon = line.indexOf(':');
    if (colon < 1) return `has a line that is no header: ${line.trim().slice(0, 40)}`;
    headers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
  }
  const host = headers['host'];
  const isWhole = /^https?:\/\//i.test(target);
  if (!isWhole && host === undefined) return 'has no Host header, so the address is not known';
  const body =
    end === -1
      ? ''
      : lines
          .slice(end + 1)
          .join('\n')
          .trim();
  return { method, url: isWhole ? target : `${scheme}://${host}${target}`, headers, body: body === '' ? undefined : body };
}

export function noteTranslation(
  translated: { readonly filled: readonly string[]; readonly renamed: readonly string[] },
  path: ImportPath,
  notes: ImportNotes,
): void {
  for (const name of translated.filled) notes.changed(path, `{{${name}}} replaced by the value of --fill`);
  for (const name of translated.renamed) notes.changed(path, `{{${name}}} written as Ordeal's own variable`);
}

function encodeAroundVariables(template: string): string {
  return template
    .split(/(\{\{(?:prompt|session)\}\})/)
    .map((part, index) => (index % 2 === 1 ? part : encodeURIComponent(part)))
    .join('');
}
