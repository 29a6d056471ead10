import { describe, expect, it } from 'vitest';

import { targetDefinitionSchema } from './target-definition.ts';
import { newTargetSchema } from './target.ts';

const good = { url: 'https://agent.example.com/chat', body: { message: '{{prompt}}' }, answerPath: '$.reply' };

function faults(definition: unknown): string[] {
  const result = targetDefinitionSchema.safeParse(definition);
  return result.success ? [] : result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
}

describe('a target definition', () => {
  it('has a default for everything but URL, body and answer path', () => {
    expect(targetDefinitionSchema.parse(good)).toEqual({
      ...good,
      kind: 'http',
      method: 'POST',
      headers: {},
      session: { source: 'none' },
      stateful: true,
      idempotent: false,
      concurrency: 4,
      timeoutMs: 30_000,
      sidecar: false,
      canaries: {},
    });
  });

  it('may carry the prompt in the URL', () => {
    expect(faults({ url: 'https://a.example/ask?q={{prompt}}', method: 'GET', answerPath: null })).toEqual([]);
  });

  const bad: [string, Readonly<Record<string, unknown>>, RegExp][] = [
    ['no URL', { url: 'agent' }, /^url: must be a whole URL/],
    ['another scheme', { url: 'file:///etc/passwd' }, /^url: must begin with http/],
    ['a password in the URL', { url: 'https://u:p@a.example/' }, /^url: must not contain a user name/],
    ['a variable in the host', { url: 'https://{{prompt}}.example/' }, /^url: must not have a variable/],
    ['a misspelt variable', { body: { m: '{{prompt}} {{sesion}}' } }, /^body\.m: unknown variable "sesion" \(did you mean "session"\?\)/],
    ['no place for the prompt', { body: { m: 'hello' } }, /^body: must hold \{\{prompt\}\}/],
    ['a body with GET', { method: 'GET' }, /^body: must be left out for GET/],
    ['a prompt in a header', { headers: { 'x-prompt': '{{prompt}}' } }, /^headers\.x-prompt: unknown variable/],
    ['a credential among the headers', { headers: { authorization: 'Bearer x' } }, /^headers\.authorization: is a credential/],
    ['a framing header', { headers: { 'content-length': '5' } }, /^headers\.content-length: is set by Ordeal/],
    ['a line break in a header', { headers: { 'x-a': 'b\r\nc: d' } }, /^headers\.x-a: must not hold line breaks/],
    ['a broken path', { answerPath: '$.a[' }, /^answerPath: is not a JSONPath/],
    ['a filter', { answerPath: "$.a[?match(@.b, '(a+)+$')]" }, /^answerPath: must not contain a filter/],
    ['two descents', { answerPath: '$..a..b' }, /^answerPath: must not descend/],
    ['an unknown session', { session: { source: 'cookie' } }, /^session/],
    ['a short canary', { canaries: { a: 'x' } }, /^canaries\.a: must have at least 4/],
    ['too much concurrency', { concurrency: 1_000 }, /^concurrency/],
  ];
  it.each(bad)('with %s is refused by the name of the field', (_name, change, fault) => {
    expect(faults({ ...good, ...change }).join('\n')).toMatch(fault);
  });

  it('takes a quoted name that looks like a filter', () => {
    expect(faults({ ...good, answerPath: "$['a?b'].c" })).toEqual([]);
  });
});

describe('a credential', () => {
  it('may not break out of its header', () => {
    const withAuth = (auth: unknown) => newTargetSchema.safeParse({ name: 'x', definition: good, auth }).success;
    expect(withAuth({ kind: 'bearer', token: 't' })).toBe(true);
    expect(withAuth({ kind: 'bearer', token: 't\r\nx: y' })).toBe(false);
    expect(withAuth({ kind: 'api_key', name: 'Host', value: 'x' })).toBe(false);
    expect(withAuth({ kind: 'api_key', name: 'X-Key', value: 'x' })).toBe(true);
  });
});
