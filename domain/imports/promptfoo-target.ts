import { didYouMean } from '../nearest-name.ts';
import type { JsonValue, RequestMethod } from '../target.ts';
import { dottedPathToJsonPath } from './dotted-path.ts';
import { createImportNotes, type ImportNotes, type ImportPath } from './import-notes.ts';
import { isFileReference, isRecord, valueText } from './imported-value.ts';
import { answerPathToFill, type ImportedDefinition, type ImportedTarget } from './imported-target.ts';
import { readAuth, separateCredential } from './promptfoo-auth.ts';
import { readSession } from './promptfoo-session.ts';
import { readTls } from './promptfoo-tls.ts';
import { appendQuery, parseRawRequest, readBody, readHeaders, readUrl, type PartContext, type RawHeaders } from './promptfoo-request.ts';

export interface PromptfooOptions {
  /** Values for variables that Ordeal does not have, such as `env.BASE_URL`. */
  readonly fill: Readonly<Record<string, string>>;
  /** Name of the variable that carries the attack, besides `prompt`. */
  readonly injectVar?: string;
}

type Config = Readonly<Record<string, unknown>>;

const notCarried: Readonly<Record<string, string>> = {
  validateStatus: 'not needed: to Ordeal only 2xx is an answer, which is stricter; any other status is never a verdict',
  signatureAuth: 'signed requests are not carried over',
  tools: 'a target has no tools of its own here; put them into the body if the agent expects them there',
  tool_choice: 'see tools',
  transformToolsFormat: 'see tools',
  maxRetries: 'Ordeal decides by itself what may be sent again: see the failure table',
  tokenEstimation: 'words are not counted as tokens',
};
const providerFields = ['id', 'label', 'config'];
const configFields = [
  'url',
  'method',
  'headers',
  'body',
  'queryParams',
  'request',
  'useHttps',
  'multipart',
  'transformRequest',
  'transformResponse',
  'responseParser',
  'sessionParser',
  'sessionSource',
  'session',
  'stateful',
  'auth',
  'tls',
  ...Object.keys(notCarried),
];

/** One provider of promptfoo as a target, or undefined when it is refused; the notes say why. */
export function importPromptfooProvider(
  provider: unknown,
  place: { readonly path: ImportPath; readonly notes: ImportNotes },
  options: PromptfooOptions,
): ImportedTarget | undefined {
  const { path, notes } = place;
  const parts = providerParts(provider);
  if (parts === undefined) {
    notes.refused(path, 'is no HTTP provider with a config; only id "http", "https" or a URL is carried over');
    return undefined;
  }
  const fieldPath = [...path, ...parts.below];
  const reasons: { path: ImportPath; text: string }[] = [];
  // Notes of a target that is given up would promise what is not there.
  const own = createImportNotes();
  const renamed = {
    prompt: '{{prompt}}',
    sessionId: '{{session}}',
    ...(options.injectVar === undefined ? {} : { [options.injectVar]: '{{prompt}}' }),
  };
  const context: PartContext = {
    notes: own,
    reading: { renamed, fill: options.fill },
    giveUp: (at, text) => void reasons.push({ path: at, text }),
  };
  noteOtherFields(parts.fields, fieldPath, { known: providerFields, notes: own });
  const target = readTarget(parts, fieldPath, context);
  if (reasons.length > 0 || target === undefined) {
    notes.refused(path, 'no target is made of it, because of what follows');
    for (const reason of reasons) notes.refused(reason.path, reason.text);
    return undefined;
  }
  for (const { list, path: at, text } of own.all) notes[list](at, text);
  return target;
}

interface ProviderParts {
  readonly id: string;
  readonly fields: Config;
  readonly config: Config;
  /** From the provider's place to its fields. */
  readonly below: ImportPath;
}

function providerParts(provider: unknown): ProviderParts | undefined {
  if (!isRecord(provider)) return undefined;
  if (typeof provider['id'] === 'string') return partsOf(provider['id'], provider, []);
  // Also written with the id as the only key.
  const [[id, fields] = [undefined, undefined], ...others] = Object.entries(provider);
  return id !== undefined && others.length === 0 && isRecord(fields) ? partsOf(id, fields, [id]) : undefined;
}

function partsOf(id: string, fields: Config, below: ImportPath): ProviderParts | undefined {
  const isHttp = /^https?$|^https?:\/\//i.test(id) || id.startsWith('{{');
  return isHttp && isRecord(fields['config']) ? { id, fields, config: fields['config'], below } : undefined;
}

function readTarget({ id, fields, config }: ProviderParts, path: ImportPath, context: PartContext): ImportedTarget | undefined {
  const at = [...path, 'config'];
  noteOtherFields(config, at, { known: configFields, notes: context.notes });
  for (const [field, reason] of Object.entries(notCarried)) if (config[field] !== undefined) context.notes.refused([...at, field], reason);
  if (config['multipart'] !== undefined) context.giveUp([...at, 'multipart'], 'multipart requests are not carried over');
  noteTransformRequest(config['transformRequest'], [...at, 'transformRequest'], context);
  const request = config['request'] === undefined ? plainRequest(id, config, { path, context }) : rawRequest(config, at, context);
  if (request === undefined) return undefined;
  const method = readMethod(request, at, context);
  const explicit = readAuth(config['auth'], [...at, 'auth'], context.notes);
  const { headers, auth } = separateCredential(request.headers, explicit, context);
  const tls = readTls(config['tls'], [...at, 'tls'], context.notes);
  const definition: ImportedDefinition = {
    kind: 'http',
    url: request.url,
    method,
    headers,
    ...(request.body === undefined ? {} : { body: request.body }),
    answerPath: readAnswerPath(config, at, context.notes),
    session: readSession(config, at, { context, usesSession: JSON.stringify([request, headers]).includes('{{session}}') }),
    ...(tls === undefined ? {} : { tls }),
  };
  return { name: nameOf(fields['label'], request.url), definition, ...(auth === undefined ? {} : { auth }) };
}

interface ReadRequest {
  readonly url: string;
  readonly method: unknown;
  readonly headers: RawHeaders;
  readonly body: JsonValue | undefined;
}

function plainRequest(
  id: string,
  config: Config,
  { path, context }: { readonly path: ImportPath; readonly context: PartContext },
): ReadRequest | undefined {
  const at = [...path, 'config'];
  const written = config['url'] ?? id;
  const urlPath = config['url'] === undefined ? [...path, 'id'] : [...at, 'url'];
  if (typeof written !== 'string' || /^https?$/.test(written)) {
    context.giveUp(urlPath, 'the URL is missing');
    return undefined;
  }
  const url = readUrl(written, urlPath, context);
  const body = config['body'] === undefined ? undefined : readBody(config['body'], [...at, 'body'], context);
  const headers = readHeaders(config['headers'], [...at, 'headers'], context.notes);
  if (url === undefined) return undefined;
  context.notes.taken(urlPath, 'URL');
  return {
    url: appendQuery(url, config['queryParams'], { path: [...at, 'queryParams'], context }),
    method: config['method'],
    headers,
    body,
  };
}

function rawRequest(config: Config, at: ImportPath, context: PartContext): ReadRequest | undefined {
  const path = [...at, 'request'];
  const text = config['request'];
  if (typeof text !== 'string' || isFileReference(text)) {
    context.giveUp(path, 'names another file, which is not read; put the request here');
    return undefined;
  }
  const raw = parseRawRequest(text, config['useHttps'] === true ? 'https' : 'http');
  if (typeof raw === 'string') {
    context.giveUp(path, raw);
    return undefined;
  }
  if (config['body'] !== undefined) context.notes.refused([...at, 'body'], 'request wins over it');
  const url = readUrl(raw.url, path, context);
  const body = raw.body === undefined ? undefined : readBody(raw.body, path, context);
  if (url === undefined) return undefined;
  const headers = readHeaders(raw.headers, path, context.notes);
  context.notes.changed(path, 'taken apart into url, method, headers and body');
  return { url, method: raw.method, headers, body };
}

function readMethod(request: ReadRequest, at: ImportPath, context: PartContext): RequestMethod {
  const path = [...at, 'method'];
  const written = request.method;
  if (written === undefined) {
    if (request.body === undefined) return 'GET';
    context.notes.changed(path, 'not given, which is GET to promptfoo even with a body; taken as POST');
    return 'POST';
  }
  const method = valueText(written).toUpperCase();
  if (method !== 'POST' && method !== 'PUT' && method !== 'PATCH' && method !== 'GET') {
    context.giveUp(path, `${method.slice(0, 20)} is not a method that Ordeal sends (POST, PUT, PATCH, GET)`);
    return 'POST';
  }
  if (method === 'GET' && request.body !== undefined)
    context.giveUp(path, 'GET with a body is not sent; use POST, or put {{prompt}} into the URL');
  else context.notes.taken(path, 'method');
  return method;
}

function noteTransformRequest(value: unknown, path: ImportPath, context: PartContext): void {
  if (value === undefined) return;
  if (typeof value === 'string' && /^\{\{\s*prompt\s*\}\}$/.test(value.trim())) context.notes.taken(path, 'changes nothing');
  else context.giveUp(path, 'changes the request by code or a second template, which is not run; write its result into body');
}

function readAnswerPath(config: Config, at: ImportPath, notes: ImportNotes): string | null {
  const field = config['transformResponse'] === undefined ? 'responseParser' : 'transformResponse';
  const written = config[field];
  const path = [...at, field];
  if (written === undefined) {
    notes.changed([...at, 'transformResponse'], 'not given: answerPath null, the whole body');
    return null;
  }
  if (typeof written === 'string' && written.trim() === 'text') {
    notes.changed(path, 'answerPath null, the whole body');
    return null;
  }
  const jsonPath = typeof written === 'string' ? dottedPathToJsonPath(written, 'json') : undefined;
  if (jsonPath === undefined) {
    const why = isFileReference(written)
      ? 'is code in a file, which is not run'
      : 'is code beyond a plain path such as json.reply, which is not run';
    notes.refused(path, `${why}; set definition.answerPath in the target file by hand`);
    return answerPathToFill;
  }
  notes.changed(path, `answerPath ${jsonPath}`);
  return jsonPath;
}

function noteOtherFields(
  fields: Config,
  path: ImportPath,
  { known, notes }: { readonly known: readonly string[]; readonly notes: ImportNotes },
): void {
  for (const field of Object.keys(fields)) {
    if (known.includes(field)) continue;
    const isKnownElsewhere = ['delay', 'transform', 'prompts', 'inputs', 'env'].includes(field);
    notes.refused([...path, field], isKnownElsewhere ? 'is not carried over' : `unknown field${didYouMean(field, known)}`);
  }
}

function nameOf(label: unknown, url: string): string {
  const name = typeof label === 'string' ? label.trim().replace(/\s+/g, ' ').slice(0, 200) : '';
  return name === '' ? url.replace(/^https?:\/\//, '').slice(0, 200) : name;
}
