import { OrdealError } from '../domain/failures.ts';
import { readConfigFile } from './imports/read-config.ts';

/** `auth.token=AGENT_TOKEN`: where a value goes, and the environment variable that it comes from. */
export type FromEnvironment = readonly string[];

/**
 * Reads a target from a YAML or JSON file, as it is sent to the API. Values named in `fromEnvironment` are put in, so
 * that a credential need not stand in the file.
 */
export async function readTargetFile(
  file: string,
  fromEnvironment: FromEnvironment,
  environment: NodeJS.ProcessEnv,
): Promise<Readonly<Record<string, unknown>>> {
  const [document, ...others] = await readConfigFile(file);
  const value = document?.value;
  if (typeof value !== 'object' || value === null || Array.isArray(value) || others.length > 0) {
    throw new OrdealError('invalid_request', `${file} must hold one target: a mapping with "name" and "definition".`);
  }
  return fromEnvironment.reduce((target, entry) => fillIn(target, entry, environment), value as Readonly<Record<string, unknown>>);
}

function fillIn(
  target: Readonly<Record<string, unknown>>,
  entry: string,
  environment: NodeJS.ProcessEnv,
): Readonly<Record<string, unknown>> {
  const [, path, name] = /^((?:auth|clientCertificate)\.\w+)=(\w+)$/.exec(entry) ?? [];
  if (path === undefined || name === undefined) {
    throw new OrdealError(
      'invalid_request',
      `--from-env takes a field of auth or clientCertificate and a variable, such as auth.token=AGENT_TOKEN.`,
    );
  }
  const secret = environment[name];
  if (secret === undefined || secret === '') throw new OrdealError('invalid_request', `The environment variable ${name} is not set.`);
  const [part = '', field = ''] = path.split('.');
  const inner = target[part];
  const fields = typeof inner === 'object' && inner !== null ? inner : {};
  return { ...target, [part]: { ...fields, [field]: secret } };
}
