import { environmentNames, translateTemplate } from './foreign-template.ts';
import type { ImportNotes, ImportPath } from './import-notes.ts';
import { isRecord, valueText } from './imported-value.ts';
import { authOfHeader, credentialAdvice, isCredentialName, urlCredentialFault, type AuthToFill } from './imported-target.ts';
import { noteTranslation, type PartContext, type RawHeaders } from './promptfoo-request.ts';

/** The one credential of a target, wherever its source keeps it. */
interface Credential {
  readonly auth: AuthToFill;
  readonly path: ImportPath;
}

const secretFields: Readonly<Record<AuthToFill['kind'], readonly string[]>> = {
  bearer: ['token'],
  basic: ['username', 'password'],
  api_key: ['value'],
  oauth_client_credentials: ['clientId', 'clientSecret'],
};

/** `config.auth`, without the values of its secrets. Kinds that Ordeal has no counterpart for are refused. */
export function readAuth(value: unknown, path: ImportPath, notes: ImportNotes): Credential | undefined {
  if (value === undefined) return undefined;
  if (!isRecord(value)) {
    notes.refused(path, 'is not a mapping');
    return undefined;
  }
  const auth = authOf(value, path, notes);
  if (auth === undefined) return undefined;
  const secrets = secretFields[auth.kind];
  const environment = secrets.flatMap((field) => environmentNames(valueText(value[field] ?? '')).map((name) => `env ${name}`));
  noteCredential({ auth, path }, environment, notes);
  return { auth, path };
}

function authOf(value: Readonly<Record<string, unknown>>, path: ImportPath, notes: ImportNotes): AuthToFill | undefined {
  switch (value['type']) {
    case 'bearer':
      return { kind: 'bearer', token: null };
    case 'basic': {
      const username = value['username'];
      const isPlain = typeof username === 'string' && !/\{[{%#]/.test(username);
      return { kind: 'basic', username: isPlain ? username : null, password: null };
    }
    case 'api_key': {
      const name = valueText(value['keyName'] ?? 'X-API-Key');
      return value['placement'] === 'query'
        ? { kind: 'api_key', placement: 'query', name, value: null }
        : { kind: 'api_key', placement: 'header', name: name.toLowerCase(), value: null };
    }
    case 'oauth':
      return oauthOf(value, path, notes);
    case 'file':
      notes.refused(path, 'is code in a file, which is not run; set auth by hand');
      return undefined;
    default:
      notes.refused([...path, 'type'], 'is not a kind of auth that is known here (bearer, basic, api_key, oauth); set auth by hand');
      return undefined;
  }
}

/** Client credentials alone: the password grant would hand a person's password to a machine. */
function oauthOf(value: Readonly<Record<string, unknown>>, path: ImportPath, notes: ImportNotes): AuthToFill | undefined {
  const grant = value['grantType'] ?? 'client_credentials';
  if (grant !== 'client_credentials') {
    notes.refused([...path, 'grantType'], 'only client_credentials is carried over; set auth by hand');
    return undefined;
  }
  const { tokenUrl, clientId, scopes } = value;
  if (
    typeof tokenUrl !== 'string' ||
    !/^https?:\/\//i.test(tokenUrl) ||
    tokenUrl.includes('{{') ||
    urlCredentialFault(tokenUrl) !== undefined
  ) {
    notes.refused([...path, 'tokenUrl'], 'is no plain http or https URL without a credential in it; set auth by hand');
    return undefined;
  }
  const list = Array.isArray(scopes) ? scopes.filter((scope) => typeof scope === 'string' && !scope.includes('{{')) : [];
  if (scopes !== undefined && (!Array.isArray(scopes) || list.length < scopes.length)) {
    notes.refused([...path, 'scopes'], 'is no list of plain texts; what is none is left out');
  }
  return {
    kind: 'oauth_client_credentials',
    tokenUrl,
    clientId: typeof clientId === 'string' && !/\{[{%#]/.test(clientId) ? clientId : null,
    clientSecret: null,
    ...(list.length === 0 ? {} : { scope: list.join(' ') }),
    clientAuthentication: 'body',
  };
}

/** Headers for the definition, and the credential among them if there is one. */
export function separateCredential(
  headers: RawHeaders,
  explicit: Credential | undefined,
  context: PartContext,
): { readonly headers: Readonly<Record<string, string>>; readonly auth: AuthToFill | undefined } {
  const kept: Record<string, string> = {};
  let auth = explicit?.auth;
  for (const [name, { path, template }] of headers) {
    const environment = environmentNames(template).filter((variable) => !Object.hasOwn(context.reading.fill, `env.${variable}`));
    if (isCredentialName(name) || environment.length > 0) {
      if (auth !== undefined) {
        context.notes.refused(path, 'a target has one credential, and there is one already; its value is not copied');
        continue;
      }
      auth = authOfHeader(name, template);
      noteCredential(
        { auth, path },
        environment.map((variable) => `env ${variable}`),
        context.notes,
      );
      continue;
    }
    const translated = translateTemplate(template, context.reading);
    if (!translated.ok) context.notes.refused(path, translated.reason);
    else if (translated.text.includes('{{prompt}}')) context.notes.refused(path, 'a header cannot hold every prompt');
    else {
      noteTranslation(translated, path, context.notes);
      if (translated.filled.length + translated.renamed.length === 0) context.notes.taken(path, 'header');
      kept[name] = translated.text;
    }
  }
  return { headers: kept, auth };
}

/** A credential from the environment is a change of place; one in the file itself is refused. */
function noteCredential({ auth, path }: Credential, sources: readonly string[], notes: ImportNotes): void {
  const text = credentialAdvice(auth, sources);
  if (sources.length > 0) notes.changed(path, text);
  else notes.refused(path, text);
}
