import { framingHeaders } from '../framing-headers.ts';
import { didYouMean } from '../nearest-name.ts';
import type { JsonValue, RequestMethod } from '../target.ts';
import { jsonPathOf } from './dotted-path.ts';
import { literalTemplate } from './foreign-template.ts';
import { createImportNotes, type ImportNotes, type ImportPath } from './import-notes.ts';
import { asJsonValue, isRecord, mapStrings, valueText } from './imported-value.ts';
import {
  answerPathToFill,
  authOfHeader,
  bodyCredential,
  credentialAdvice,
  isCredentialName,
  urlCredentialFault,
  withoutCredentials,
  type AuthToFill,
  type ImportedTarget,
} from './imported-target.ts';

type Config = Readonly<Record<string, unknown>>;

const notCarried: Readonly<Record<string, string>> = {
  skip_codes: 'a status outside 2xx is never an answer to Ordeal; nothing is skipped silently',
  proxies: 'proxies are not carried over',
  client_cert: 'names another file, which is not read; set clientCertificate in the target file by hand',
  client_key: 'names another file, which is not read; set clientCertificate in the target file by hand',
  client_key_passphrase_env_var: 'set clientCertificate.passphrase in the target file by hand',
  skip_seq_start: 'answers are judged whole',
  skip_seq_end: 'answers are judged whole',
  max_tokens: 'is no part of the request unless the template has it',
  temperature: 'is no part of the request unless the template has it',
  top_k: 'is no part of the request unless the template has it',
  context_len: 'is no part of the request unless the template has it',
};
const known = [
  'uri',
  'name',
  'method',
  'headers',
  'req_template',
  'req_template_json_object',
  'key_env_var',
  'response_json',
  'response_json_field',
  'request_timeout',
  'ratelimit_codes',
  'verify_ssl',
  ...Object.keys(notCarried),
];

/** A REST generator of garak as a target, or undefined when it is refused; the notes say why. */
export function importGarakRest(file: unknown, notes: ImportNotes): ImportedTarget | undefined {
  const found = findGenerator(file, notes);
  if (found === undefined) {
    notes.refused(
      [],
      'holds no REST generator: no "uri" at the top, below rest.RestGenerator, or below plugins.generators.rest.RestGenerator',
    );
    return undefined;
  }
  const { config, path } = found;
  const own = createImportNotes();
  const reasons: { path: ImportPath; text: string }[] = [];
  const target = readGenerator(config, path, {
    notes: own,
    keyName: `env ${typeof config['key_env_var'] === 'string' ? config['key_env_var'] : 'REST_API_KEY'}`,
    giveUp: (at, text) => void reasons.push({ path: at, text }),
  });
  if (reasons.length > 0) {
    notes.refused(path, 'no target is made of it, because of what follows');
    for (const reason of reasons) notes.refused(reason.path, reason.text);
    return undefined;
  }
  for (const { list, path: at, text } of own.all) notes[list](at, text);
  return target;
}

interface GarakContext {
  readonly notes: ImportNotes;
  /** Where `$KEY` comes from. */
  readonly keyName: string;
  readonly giveUp: (path: ImportPath, reason: string) => void;
}

function readGenerator(config: Config, path: ImportPath, context: GarakContext): ImportedTarget {
  const { notes } = context;
  for (const field of Object.keys(config)) {
    const reason = notCarried[field];
    if (reason !== undefined) notes.refused([...path, field], reason);
    else if (!known.includes(field)) notes.refused([...path, field], `unknown field${didYouMean(field, known)}`);
  }
  noteTransport(config, path, notes);
  const url = readUri(config['uri'], [...path, 'uri'], context);
  const { headers, auth } = readHeaders(config['headers'], [...path, 'headers'], context);
  const body = readTemplate(config, path, context);
  const name = typeof config['name'] === 'string' && config['name'].trim() !== '' ? config['name'].trim() : url.replace(/^https?:\/\//, '');
  return {
    name: name.slice(0, 200),
    definition: {
      kind: 'http',
      url,
      method: readMethod(config['method'], [...path, 'method'], context),
      headers,
      body,
      answerPath: readAnswerPath(config, path, notes),
      session: { source: 'none' },
      timeoutMs: readTimeout(config['request_timeout'], [...path, 'request_timeout'], notes),
    },
    ...(auth === undefined ? {} : { auth }),
  };
}

/** The generator itself, wherever the file keeps it; run options beside it are refused by name. */
function findGenerator(file: unknown, notes: ImportNotes): { readonly config: Config; readonly path: ImportPath } | undefined {
  for (const path of [[], ['RestGenerator'], ['rest', 'RestGenerator'], ['plugins', 'generators', 'rest', 'RestGenerator'], ['rest']]) {
    let value: unknown = file;
    for (const key of path) value = isRecord(value) ? value[key] : undefined;
    if (!isRecord(value) || value['uri'] === undefined) continue;
    if (path.length > 0 && isRecord(file)) {
      for (const field of Object.keys(file)) {
        if (field !== path[0]) notes.refused([field], 'options of a garak run are not carried over; a run of Ordeal has its own');
      }
    }
    return { config: value, path };
  }
  return undefined;
}

function noteTransport(config: Config, path: ImportPath, notes: ImportNotes): void {
  const codes = config['ratelimit_codes'];
  if (codes !== undefined) {
    const isOnly429 = Array.isArray(codes) && codes.every((code) => code === 429);
    if (isOnly429) notes.taken([...path, 'ratelimit_codes'], 'Ordeal waits after 429 as well');
    else notes.refused([...path, 'ratelimit_codes'], 'Ordeal waits after 429 and 503 alone; see the failure table');
  }
  const verify = config['verify_ssl'];
  if (verify === true) notes.taken([...path, 'verify_ssl'], 'certificates are always verified');
  else if (verify !== undefined)
    notes.refused([...path, 'verify_ssl'], 'certificates are always verified; name the authority of the agent with definition.tls.ca');
}

function readUri(value: unknown, path: ImportPath, { notes, giveUp }: GarakContext): string {
  if (typeof value !== 'string' || !/^https?:\/\//i.test(value)) {
    giveUp(path, 'is no http or https URL');
    return '';
  }
  if (/\$(?:INPUT|KEY)/.test(value)) giveUp(path, '$INPUT and $KEY are not read in a URL');
  const fault = urlCredentialFault(value);
  if (fault !== undefined) giveUp(path, fault);
  notes.taken(path, 'url');
  return literalTemplate(value);
}

function readMethod(value: unknown, path: ImportPath, { notes, giveUp }: GarakContext): RequestMethod {
  const method = valueText(value ?? 'post').toUpperCase();
  if (method === 'POST' || method === 'PUT' || method === 'PATCH') {
    if (value !== undefined) notes.taken(path, 'method');
    return method;
  }
  giveUp(path, `${method.slice(0, 20)} would not carry the template in the body, which is where Ordeal puts it (POST, PUT, PATCH)`);
  return 'POST';
}

function readHeaders(
  value: unknown,
  path: ImportPath,
  { notes, keyName }: GarakContext,
): { readonly headers: Readonly<Record<string, string>>; readonly auth: AuthToFill | undefined } {
  const headers: Record<string, string> = {};
  let auth: AuthToFill | undefined;
  if (value !== undefined && !isRecord(value)) notes.refused(path, 'is not a mapping of header names to values');
  for (const [written, template] of Object.entries(isRecord(value) ? value : {})) {
    const name = written.toLowerCase();
    const at = [...path, written];
    if (typeof template !== 'string') notes.refused(at, 'is not text');
    else if (framingHeaders.has(name)) notes.changed(at, 'left out: Ordeal sets it itself');
    else if (template.includes('$INPUT')) notes.refused(at, 'a header cannot hold every prompt');
    else if (isCredentialName(name) || template.includes('$KEY')) {
      if (auth !== undefined) {
        notes.refused(at, 'a target has one credential, and there is one already; its value is not copied');
        continue;
      }
      auth = authOfHeader(name, template);
      if (template.includes('$KEY')) notes.changed(at, credentialAdvice(auth, [keyName]));
      else notes.refused(at, credentialAdvice(auth, []));
    } else {
      headers[name] = literalTemplate(template);
      notes.taken(at, 'header');
    }
  }
  return { headers, auth };
}

function readTemplate(config: Config, path: ImportPath, { notes, giveUp }: GarakContext): JsonValue {
  const hasObject = config['req_template_json_object'] !== undefined;
  const at = [...path, hasObject ? 'req_template_json_object' : 'req_template'];
  const value = hasObject ? asJsonValue(config['req_template_json_object']) : parsedTemplate(config['req_template']);
  if (hasObject && config['req_template'] !== undefined) notes.refused([...path, 'req_template'], 'req_template_json_object wins over it');
  if (typeof value !== 'object' || value === null) {
    giveUp(at, 'is no JSON object or list with "$INPUT" in it, and Ordeal sends bodies as JSON');
    return null;
  }
  if (JSON.stringify(value).includes('$KEY')) giveUp(at, 'has $KEY in it, and Ordeal keeps credentials out of bodies; send it as a header');
  notes.changed(at, 'body; $INPUT written as {{prompt}}');
  const { body, removed } = withoutCredentials(value);
  for (const found of removed) notes.refused([...at, ...found], bodyCredential);
  return mapStrings(body, (text) => text.split('$INPUT').map(literalTemplate).join('{{prompt}}'));
}

function parsedTemplate(value: unknown): JsonValue | undefined {
  if (typeof value !== 'string') return undefined;
  try {
    return asJsonValue(JSON.parse(value));
  } catch {
    return undefined;
  }
}

function readAnswerPath(config: Config, path: ImportPath, notes: ImportNotes): string | null {
  const at = [...path, 'response_json_field'];
  const field = config['response_json_field'];
  if (config['response_json'] !== true) {
    if (field !== undefined) notes.refused(at, 'without response_json: true garak does not read it');
    notes.changed([...path, 'response_json'], 'not true: answerPath null, the whole body');
    return null;
  }
  if (typeof field !== 'string' || field === '') {
    notes.refused(at, 'is missing; set definition.answerPath in the target file by hand');
    return answerPathToFill;
  }
  const jsonPath = field.startsWith('$') ? field : jsonPathOf([field]);
  notes.changed(at, `answerPath ${jsonPath}`);
  return jsonPath;
}

function readTimeout(value: unknown, path: ImportPath, notes: ImportNotes): number {
  const seconds = value === undefined ? 20 : Number(value);
  if (!Number.isFinite(seconds) || seconds <= 0) {
    notes.refused(path, 'is no number of seconds; 20, which is the default of garak, is taken');
    return 20_000;
  }
  const wanted = Math.round(seconds * 1_000);
  const timeoutMs = Math.min(120_000, Math.max(100, wanted));
  const limit = timeoutMs === wanted ? '' : '; Ordeal waits from 0.1 to 120 seconds';
  if (value !== undefined) notes.changed(path, `timeoutMs ${timeoutMs}${limit}`);
  return timeoutMs;
}
