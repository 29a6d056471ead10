import type { OwnRequest } from '../script.ts';
import type { ExchangeContent } from '../target-exchange.ts';
import type { CleanupMethod, JsonValue } from '../target.ts';
import { renderTemplate } from '../template.ts';

type Variables = Readonly<Record<string, string>>;

/** A request of a step with its variables filled in. Values in the path are percent-encoded; in a JSON body each stays in its string. */
export function renderOwnRequest(
  { method, path, headers = {}, body }: OwnRequest<CleanupMethod>,
  variables: Variables,
): ExchangeContent & { kind: 'request' } {
  const encoded = Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, encodeURIComponent(value.toWellFormed())]));
  const rendered = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), renderHeader(value, variables)]));
  const request = { kind: 'request', method, path: renderTemplate(path, encoded) } as const;
  if (body === undefined) return { ...request, headers: rendered };
  const type = typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json';
  const text = typeof body === 'string' ? renderTemplate(body, variables) : JSON.stringify(renderJson(body, variables));
  return { ...request, headers: { 'content-type': type, ...rendered }, body: text };
}

/** The value with the templates of its strings filled in; names of members stay as they are. */
function renderJson(value: JsonValue, variables: Variables): JsonValue {
  if (typeof value === 'string') return renderTemplate(value, variables);
  if (typeof value !== 'object' || value === null) return value;
  if (isList(value)) return value.map((member) => renderJson(member, variables));
  return renderMembers(value, variables);
}

/** As `renderJson`, for an object. */
export function renderMembers(members: Readonly<Record<string, JsonValue>>, variables: Variables): Readonly<Record<string, JsonValue>> {
  return Object.fromEntries(Object.entries(members).map(([name, member]) => [name, renderJson(member, variables)]));
}

/** A header is one line. */
function renderHeader(template: string, variables: Variables): string {
  return renderTemplate(template, variables).replaceAll(/[\r\n\0]+/g, ' ');
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
