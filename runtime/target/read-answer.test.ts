import { describe, expect, it } from 'vitest';

import { OrdealError } from '../../domain/failures.ts';
import { readAnswer } from './read-answer.ts';

function read(body: string | Uint8Array, answerPath: string | null = '$.reply', headers: Record<string, string> = {}) {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  return readAnswer({ answerPath, session: { source: 'none' } }, { headers, body: bytes });
}

describe('readAnswer', () => {
  it('takes the text that the path leads to, and joins several', () => {
    expect(read('{"reply":"hello"}').text).toBe('hello');
    expect(read('\uFEFF{"reply":"hello"}').text).toBe('hello');
    expect(read('{"c":[{"t":"a"},{"t":"b"}]}', '$.c[*].t').text).toBe('a\nb');
    expect(read('{"reply":42}').text).toBe('42');
  });

  it('takes the whole body without a path', () => {
    expect(read('plain text', null).text).toBe('plain text');
    expect(read(Uint8Array.of(0xe9), null, { 'content-type': 'text/plain; charset=iso-8859-1' }).text).toBe('é');
  });

  it('replaces NUL and lone surrogates by U+FFFD, and keeps whole emoji', () => {
    expect(read('{"reply":"a\\u0000b\\ud800c😀"}').text).toBe('a\uFFFDb\uFFFDc😀');
    expect(read(Uint8Array.of(0x61, 0x00, 0xff), null).text).toBe('a\uFFFD\uFFFD');
  });

  it('reads a session id only where the server is its source', () => {
    const definition = { answerPath: '$.reply', session: { source: 'server', path: '$.sid' } } as const;
    expect(readAnswer(definition, { headers: {}, body: Buffer.from('{"reply":"x","sid":"s1"}') }).sessionId).toBe('s1');
    expect(readAnswer(definition, { headers: {}, body: Buffer.from('{"reply":"x"}') }).sessionId).toBeUndefined();
    expect(read('{"reply":"x","sid":"s1"}').sessionId).toBeUndefined();
  });

  const bad: [string, string | Uint8Array, RegExp][] = [
    ['empty', '', /is empty/],
    ['no JSON', '<html>busy</html>', /not JSON: it begins with "<html>/],
    ['cut off', '{"reply":"hel', /not JSON/],
    ['of another shape', '{"output":"x"}', /\$\.reply matches nothing in the answer, which has the members "output"/],
    ['an object', '{"reply":{"text":"x"}}', /must lead to text.*members "text"/],
    ['null', '{"reply":null}', /is null/],
    ['too deep', `{"reply":${'['.repeat(100)}${']'.repeat(100)}}`, /deeper than 64/],
    ['too large', new Uint8Array(1_048_577), /more than 1048576 bytes/],
  ];
  it.each(bad)('calls an answer that is %s unreadable and says why', (_name, body, reason) => {
    expect(() => read(body)).toThrow(reason);
    expect(() => read(body)).toThrow(OrdealError);
  });

  it('calls an unknown character set unreadable', () => {
    expect(() => read('x', null, { 'content-type': 'text/plain; charset=nonsense' })).toThrow(/character set/);
  });
});
