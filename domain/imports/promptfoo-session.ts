import type { TargetSession } from '../target.ts';
import { dottedPathParts, jsonPathOf } from './dotted-path.ts';
import type { ImportNotes, ImportPath } from './import-notes.ts';
import { isRecord, valueText } from './imported-value.ts';
import { isCredentialName } from './imported-target.ts';
import { readBody, readHeaders, readUrl, type PartContext } from './promptfoo-request.ts';

type Config = Readonly<Record<string, unknown>>;

/** Where the session id of a target comes from. An endpoint that cannot be carried over gives the target up. */
export function readSession(
  config: Config,
  at: ImportPath,
  { context, usesSession }: { readonly context: PartContext; readonly usesSession: boolean },
): TargetSession {
  const { notes } = context;
  const source = config['sessionSource'];
  if (config['stateful'] === true) notes.taken([...at, 'stateful'], 'Ordeal sends the newest message only');
  else if (config['stateful'] !== undefined)
    notes.refused(
      [...at, 'stateful'],
      'set "stateful": false and put "{{messages}}" into body by hand: the shape of the list is not guessed',
    );
  if (config['session'] !== undefined || source === 'endpoint') return readEndpoint(config['session'], [...at, 'session'], context);
  const parser = config['sessionParser'];
  if (parser !== undefined) return readSessionParser(parser, [...at, 'sessionParser'], notes);
  if (source === 'client') {
    notes.taken([...at, 'sessionSource'], 'Ordeal makes the session id');
    return { source: 'client' };
  }
  if (source !== undefined) notes.refused([...at, 'sessionSource'], 'needs a sessionParser that is a plain path');
  if (!usesSession) return { source: 'none' };
  notes.changed(at, '{{sessionId}} is used and no source given: Ordeal makes the session id (session.source client)');
  return { source: 'client' };
}

/** The request that opens a session. Another request than the one that was meant would test another agent. */
function readEndpoint(value: unknown, path: ImportPath, context: PartContext): TargetSession {
  const none = { source: 'none' } as const;
  if (!isRecord(value)) {
    context.giveUp(path, 'is no mapping with the request that opens a session');
    return none;
  }
  for (const field of Object.keys(value)) {
    if (!['url', 'method', 'headers', 'body', 'responseParser'].includes(field))
      context.notes.refused([...path, field], 'is not carried over');
  }
  const url = typeof value['url'] === 'string' ? readUrl(value['url'], [...path, 'url'], context) : undefined;
  const method = valueText(value['method'] ?? 'POST').toUpperCase();
  const body = value['body'] === undefined ? undefined : readBody(value['body'], [...path, 'body'], context);
  const headers = readEndpointHeaders(value['headers'], [...path, 'headers'], context);
  const id = bodyPathOf(value['responseParser']);
  if (url === undefined) context.giveUp([...path, 'url'], 'is no URL of the endpoint that opens a session');
  if (method !== 'POST' && method !== 'GET') context.giveUp([...path, 'method'], 'a session is opened by POST or GET');
  if (method === 'GET' && body !== undefined) context.giveUp([...path, 'body'], 'GET with a body is not sent');
  if (id === undefined) context.giveUp([...path, 'responseParser'], 'must be a plain path into the body, such as data.body.sessionId');
  if (JSON.stringify([url, body, headers]).includes('{{')) context.giveUp(path, 'has variables, and nothing is filled in there');
  if (url === undefined || id === undefined || (method !== 'POST' && method !== 'GET')) return none;
  context.notes.changed(path, `session.source endpoint, path ${id}`);
  return { source: 'endpoint', url, method, headers, ...(body === undefined ? {} : { body }), path: id };
}

function readEndpointHeaders(value: unknown, path: ImportPath, context: PartContext): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (const [name, { path: at, template }] of readHeaders(value, path, context.notes)) {
    if (isCredentialName(name))
      context.notes.refused(at, 'a credential is not copied; auth of the target goes along when the endpoint is of its origin');
    else headers[name] = template;
  }
  return headers;
}

/** The JSONPath of an expression such as `data.body.id`; undefined for any other. */
function bodyPathOf(parser: unknown): string | undefined {
  const { part, rest } = partsOf(parser);
  return part === 'body' && rest.length > 0 ? jsonPathOf(rest) : undefined;
}

function partsOf(parser: unknown): { readonly part: string | number | undefined; readonly rest: readonly (string | number)[] } {
  const parts = typeof parser === 'string' ? dottedPathParts(parser) : undefined;
  const [root, part, ...rest] = parts ?? [];
  return root === 'data' ? { part, rest } : { part: root, rest: [part, ...rest].filter((step) => step !== undefined) };
}

function readSessionParser(parser: unknown, path: ImportPath, notes: ImportNotes): TargetSession {
  const jsonPath = bodyPathOf(parser);
  if (jsonPath !== undefined) {
    notes.changed(path, `session.source server, path ${jsonPath}`);
    return { source: 'server', path: jsonPath };
  }
  const why =
    partsOf(parser).part === 'headers'
      ? 'Ordeal reads a session id from the body only'
      : 'is code beyond a plain path such as data.body.sessionId, which is not run';
  notes.refused(path, `${why}; set definition.session by hand`);
  return { source: 'none' };
}
