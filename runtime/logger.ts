import { pino, type DestinationStream, type Logger } from 'pino';

export type { Logger } from 'pino';

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

export interface LoggerOptions {
  /** The process that writes, such as `api`. */
  readonly name: string;
  readonly level: LogLevel;
  /** Default: standard output. */
  readonly destination?: DestinationStream;
}

/** Fields whose value never reaches a log, wherever they stand in the first four levels. */
const redactedFields = [
  'authorization',
  'Authorization',
  'proxy-authorization',
  'cookie',
  'set-cookie',
  'x-api-key',
  'x-ordeal-signature',
  'token',
  'apiKey',
  'password',
  'secret',
  'secretKey',
  'signingKey',
  'auth',
  'databaseUrl',
  'adminUrl',
] as const;

/** Makes the JSON logger of a process; credentials in it are replaced by `[redacted]`. */
export function createLogger(options: LoggerOptions): Logger {
  const settings = {
    name: options.name,
    level: options.level,
    base: { name: options.name, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: redactedFields.flatMap(pathsOf), censor: '[redacted]' },
  };
  return options.destination === undefined ? pino(settings) : pino(settings, options.destination);
}

function pathsOf(field: string): string[] {
  const last = /^[A-Za-z]+$/.test(field) ? `.${field}` : `["${field}"]`;
  const first = /^[A-Za-z]+$/.test(field) ? field : `["${field}"]`;
  return [first, `*${last}`, `*.*${last}`, `*.*.*${last}`];
}
