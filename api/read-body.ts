import type { IncomingMessage } from 'node:http';

import { OrdealError } from '../domain/failures.ts';
import { isJsonTooDeep, maxJsonDepth } from '../domain/json-depth.ts';
import { isStorable } from '../domain/storable-text.ts';
import type { BodyRules, ReceivedBody } from './define-endpoint.ts';
import { locateJsonError } from './locate-json-error.ts';

const defaultMaxBytes = 262_144;

/**
 * Reads a JSON body. Size, type, encoding and depth are checked before anything is parsed; then text that cannot be
 * stored is refused or replaced. Undefined when the request has no body.
 */
export async function readBody(request: IncomingMessage, rules: BodyRules): Promise<ReceivedBody | undefined> {
  const declared = request.headers['content-length'];
  if ((declared === undefined || declared === '0') && request.headers['transfer-encoding'] === undefined) return undefined;
  const maxBytes = rules.maxBytes ?? defaultMaxBytes;
  if (Number(declared ?? 0) > maxBytes) throw tooLarge(maxBytes);
  checkType(request);
  const bytes = await readBytes(request, maxBytes);
  const json = parseJson(decodeUtf8(bytes));
  return { bytes, json: rules.unstorableText === 'replace' ? replaceUnstorable(json) : refuseUnstorable(json, '') };
}

function checkType(request: IncomingMessage): void {
  const type = (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase();
  if (type !== 'application/json') {
    throw new OrdealError('unsupported_media_type', 'Send the body as JSON, with the header `Content-Type: application/json`.');
  }
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    throw new OrdealError('unsupported_media_type', 'Send the body without content encoding.');
  }
}

/** Listens instead of iterating: leaving an iteration early would destroy the socket that the answer has to go through. */
function readBytes(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const fail = (error: OrdealError): void => {
      request.removeAllListeners('data');
      request.pause();
      reject(error);
    };
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBytes) fail(tooLarge(maxBytes));
      else chunks.push(chunk);
    });
    request.once('end', () => resolve(Buffer.concat(chunks)));
    request.once('error', (error) => fail(invalidBody('The body ended before it was complete.', error)));
    request.once('close', () => fail(invalidBody('The body ended before it was complete.')));
  });
}

function decodeUtf8(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw invalidBody('The body is not valid UTF-8.', error);
  }
}

function parseJson(text: string): unknown {
  if (isJsonTooDeep(text)) throw invalidBody(`The body nests deeper than ${maxJsonDepth} levels.`);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalidBody(`The body is not valid JSON: ${placeOfError(text)}.`, error);
  }
}

function placeOfError(text: string): string {
  const at = locateJsonError(text);
  const before = text.slice(0, at).split('\n');
  const what = at >= text.length ? 'it ends too early' : 'unexpected character';
  return `${what} at line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1} (position ${at})`;
}

function refuseUnstorable(value: unknown, path: string): unknown {
  if (typeof value === 'string') {
    if (!isStorable(value)) throw badField(path, 'must not hold NUL or half of a surrogate pair');
  } else if (Array.isArray(value)) {
    value.forEach((member, index) => refuseUnstorable(member, join(path, String(index))));
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, member] of Object.entries(value)) {
      if (key === '__proto__') throw badField(join(path, key), 'is not an allowed name');
      if (!isStorable(key)) throw badField(path, 'has a name that holds NUL or half of a surrogate pair');
      refuseUnstorable(member, join(path, key));
    }
  }
  return value;
}

function replaceUnstorable(value: unknown): unknown {
  if (typeof value === 'string') return replaceInText(value);
  if (Array.isArray(value)) return value.map(replaceUnstorable);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([key, member]) => [
    key === '__proto__' ? '"__proto__"' : replaceInText(key),
    replaceUnstorable(member),
  ]);
  return Object.fromEntries(members);
}

function replaceInText(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD');
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

function badField(path: string, message: string): OrdealError {
  const field = path === '' ? 'body' : replaceInText(path);
  return new OrdealError('invalid_request', `${field} ${message}`, { issues: [{ field, message }] });
}

function invalidBody(detail: string, cause?: unknown): OrdealError {
  return new OrdealError('invalid_request', detail, { cause, issues: [{ field: 'body', message: detail }] });
}

function tooLarge(maxBytes: number): OrdealError {
  return new OrdealError('payload_too_large', `The body may have ${maxBytes} bytes at most.`);
}
