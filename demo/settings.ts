/** What an agent process is told by its environment. */
export interface Settings {
  readonly agent: 'careless' | 'hardened';
  readonly host: string;
  readonly port: number;
  /** Both or neither: without them the agent works, and reports nothing. */
  readonly ingestUrl: string | undefined;
  readonly sidecarToken: string | undefined;
  readonly canary: string;
  /** How long the agent pretends to think, in milliseconds. */
  readonly latencyMs: number;
  readonly exitsWithParent: boolean;
}

/** Reads the environment; a bad value names its variable. */
export function readSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const agent = env['AGENT'] ?? 'hardened';
  if (agent !== 'careless' && agent !== 'hardened') throw new TypeError('AGENT must be careless or hardened');
  return {
    agent,
    host: env['HOST'] ?? '127.0.0.1',
    port: integer(env, 'PORT', { fallback: 0, max: 65_535 }),
    ingestUrl: env['ORDEAL_INGEST_URL'],
    sidecarToken: env['ORDEAL_SIDECAR_TOKEN'],
    canary: env['AGENT_CANARY'] ?? 'reference-not-set',
    latencyMs: integer(env, 'AGENT_LATENCY_MS', { fallback: 0, max: 60_000 }),
    exitsWithParent: env['EXIT_WITH_PARENT'] === '1',
  };
}

function integer(
  env: Readonly<Record<string, string | undefined>>,
  name: string,
  { fallback, max }: { fallback: number; max: number },
): number {
  const text = env[name];
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > max) throw new TypeError(`${name} must be an integer from 0 to ${max}`);
  return value;
}
