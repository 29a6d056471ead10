import type { HttpTargetDefinition, JsonValue } from '../target.ts';

/**
 * A target as an import leaves it. What a person must fill in does not pass the checks of the API before that:
 * credentials are `null`, an answer path that could not be read is empty.
 */
export interface ImportedTarget {
  readonly name: string;
  readonly definition: ImportedDefinition;
  readonly auth?: AuthToFill;
}

export type ImportedDefinition = Pick<HttpTargetDefinition, 'kind' | 'url' | 'method' | 'headers' | 'answerPath' | 'session'> &
  Partial<Pick<HttpTargetDefinition, 'body' | 'timeoutMs' | 'tls'>>;

export type AuthToFill =
  | { readonly kind: 'bearer'; readonly token: null }
  | { readonly kind: 'basic'; readonly username: string | null; readonly password: null }
  | { readonly kind: 'api_key'; readonly placement: 'header' | 'query'; readonly name: string; readonly value: null }
  | {
      readonly kind: 'oauth_client_credentials';
      readonly tokenUrl: string;
      readonly clientId: string | null;
      readonly clientSecret: null;
      readonly scope?: string;
      readonly clientAuthentication: 'body';
    };

/** Stands in `answerPath` until a person has set it. */
export const answerPathToFill = '';

/** True for a name (of a header or a query parameter) whose value is likely a credential. */
export function isCredentialName(name: string): boolean {
  return /auth|token|secret|api[-_]?key|access[-_]?key|^key$|passw|credential|cookie|session[-_]?key|signature/i.test(name);
}

/** The shape of credential that a header carries, without its value. */
export function authOfHeader(name: string, template: string): AuthToFill {
  if (name !== 'authorization') return { kind: 'api_key', placement: 'header', name, value: null };
  if (/^bearer\s/i.test(template)) return { kind: 'bearer', token: null };
  if (/^basic\s/i.test(template)) return { kind: 'basic', username: null, password: null };
  return { kind: 'api_key', placement: 'header', name, value: null };
}

const fieldsToFill: Readonly<Record<AuthToFill['kind'], string>> = {
  bearer: 'auth.token',
  basic: 'auth.username and auth.password',
  api_key: 'auth.value',
  oauth_client_credentials: 'auth.clientId and auth.clientSecret',
};

/** What to do about a credential: where it came from, never what it is. */
export function credentialAdvice(auth: AuthToFill, environment: readonly string[]): string {
  const fields = fieldsToFill[auth.kind];
  return environment.length > 0
    ? `auth of kind "${auth.kind}"; set ${fields} in the target file by hand, from ${environment.join(', ')}`
    : `a credential in the file is not copied: auth of kind "${auth.kind}"; set ${fields} in the target file by hand`;
}

/** Why a URL cannot be taken as it is: there is a credential in it. Ordeal stores and shows URLs openly. */
export function urlCredentialFault(url: string): string | undefined {
  const [, authority = '', rest = ''] = /^[^:/?#]*:\/*([^/?#]*)(.*)$/s.exec(url) ?? [];
  if (authority.includes('@')) return 'has a user name or password in it; take them out and set auth by hand';
  const query = /\?([^#]*)/.exec(rest)?.[1] ?? '';
  const name = query
    .split('&')
    .map((pair) => pair.split('=', 1)[0] ?? '')
    .find(isCredentialName);
  return name === undefined ? undefined : `has what looks like a credential in its query (${name.slice(0, 40)}); send it as a header`;
}

/** A body with `null` for what looks like a credential, and where that was. Ordeal stores and shows bodies openly. */
export function withoutCredentials(body: JsonValue): { readonly body: JsonValue; readonly removed: readonly (readonly string[])[] } {
  const removed: (readonly string[])[] = [];
  const strip = (value: JsonValue, path: readonly string[]): JsonValue => {
    if (typeof value !== 'object' || value === null) return value;
    if (isJsonList(value)) return value.map((member, index) => strip(member, [...path, String(index)]));
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => {
        const isCredential = credentialKey.test(key) && typeof member === 'string' && member !== '' && !member.includes('{{');
        if (isCredential) removed.push([...path, key]);
        return [key, isCredential ? null : strip(member, [...path, key])];
      }),
    );
  };
  return { body: strip(body, []), removed };
}

/** What is said of a credential in a body. */
export const bodyCredential =
  'a credential in the file is not copied: null; set it by hand, and mind that a body is stored and shown openly';

const credentialKey =
  /^(?:.*[-_])?(?:token|secret|password|passwd|api[-_]?key|authorization|credentials?)$|(?:Token|Secret|Password|ApiKey)$/i;

function isJsonList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
