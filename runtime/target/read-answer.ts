import { jsonpath } from 'json-p3';

import { OrdealError } from '../../domain/failures.ts';
import { isJsonTooDeep, maxJsonDepth } from '../../domain/json-depth.ts';
import type { HttpTargetDefinition, JsonValue } from '../../domain/target.ts';

export interface RawAnswer {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export interface ReadAnswer {
  /** The agent's text; NUL and lone surrogates are replaced by U+FFFD, which the stored bytes keep losslessly. */
  readonly text: string;
  /** Only for a session of source `server`, and only when this answer names one. */
  readonly sessionId: string | undefined;
}

const maxAnswerBytes = 1_048_576;

/** Reads the agent's text out of an answer as the target's definition says; throws `answer_unreadable` otherwise. */
export function readAnswer(definition: Pick<HttpTargetDefinition, 'answerPath' | 'session'>, answer: RawAnswer): ReadAnswer {
  const text = decodeAnswer(answer);
  const { answerPath, session } = definition;
  const needsJson = answerPath !== null || session.source === 'server';
  const document = needsJson ? parseAnswer(text) : null;
  return {
    text: toStorableText(answerPath === null ? text : textAt(answerPath, document)),
    sessionId: session.source === 'server' ? sessionAt(session.path, document) : undefined,
  };
}

/** Reads the session id that an endpoint hands out; throws `answer_unreadable` when there is none at `path`. */
export function readOpenedSession(path: string, answer: RawAnswer): string {
  const document = parseAnswer(decodeAnswer(answer));
  const sessionId = sessionAt(path, document);
  if (sessionId === undefined) throw unreadable(`${path} finds no session id in the answer, which ${describe(document)}.`);
  return sessionId;
}

/** Replaces what PostgreSQL cannot store as text. */
export function toStorableText(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD');
}

/** The same for every text and name in a JSON value. */
export function toStorableJson<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value), (_key, member: unknown) => {
    if (typeof member === 'string') return toStorableText(member);
    if (typeof member !== 'object' || member === null || Array.isArray(member)) return member;
    return Object.fromEntries(Object.entries(member).map(([name, inner]) => [toStorableText(name), inner]));
  }) as Value;
}

/** The whole body as text. Throws `answer_unreadable` for a character set that is not known. */
export function decodeAnswer(answer: RawAnswer): string {
  if (answer.body.byteLength > maxAnswerBytes) throw unreadable(`The answer has more than ${maxAnswerBytes} bytes.`);
  const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(answer.headers['content-type'] ?? '')?.[1] ?? 'utf-8';
  try {
    return new TextDecoder(charset).decode(answer.body);
  } catch (cause) {
    throw unreadable('The answer declares a character set that cannot be read. Send UTF-8.', cause);
  }
}

/** Parses an answer that must be JSON; throws `answer_unreadable` that says what it is instead. */
export function parseAnswer(text: string): JsonValue {
  if (text.trim() === '') throw unreadable('The answer is empty, and JSON was expected.');
  if (isJsonTooDeep(text)) throw unreadable(`The answer nests deeper than ${maxJsonDepth} levels.`);
  try {
    return JSON.parse(text) as JsonValue;
  } catch (cause) {
    throw unreadable(`The answer is not JSON: it begins with ${JSON.stringify(toStorableText(text.slice(0, 60)))}.`, cause);
  }
}

function textAt(path: string, document: JsonValue): string {
  const values = valuesAt(path, document);
  if (values.length === 0) throw unreadable(`${path} matches nothing in the answer, which ${describe(document)}.`);
  return values.map((value) => textOf(path, value)).join('\n');
}

function textOf(path: string, value: JsonValue): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw unreadable(`${path} must lead to text, but what it finds ${describe(value)}.`);
}

function sessionAt(path: string, document: JsonValue): string | undefined {
  const [value] = valuesAt(path, document);
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function valuesAt(path: string, document: JsonValue): JsonValue[] {
  try {
    return jsonpath.query(path, document as Parameters<typeof jsonpath.query>[1]).values() as JsonValue[];
  } catch (cause) {
    throw unreadable(`${path} cannot be evaluated on this answer.`, cause);
  }
}

function describe(value: JsonValue): string {
  if (value === null) return 'is null';
  if (Array.isArray(value)) return `is an array of ${value.length}`;
  if (typeof value !== 'object') return `is a ${typeof value}`;
  const names = Object.keys(value);
  const shown = names.slice(0, 8).map((name) => JSON.stringify(toStorableText(name.slice(0, 40))));
  return names.length === 0 ? 'is an empty object' : `has the members ${shown.join(', ')}${names.length > 8 ? ', …' : ''}`;
}

function unreadable(detail: string, cause?: unknown): OrdealError {
  return new OrdealError('answer_unreadable', detail, { cause });
}
