import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { HttpTargetDefinition } from './target.ts';
import { renderTargetRequest, urlTemplateOrigin, withCredential, type TargetRequest } from './target-request.ts';

const chat: HttpTargetDefinition = {
  kind: 'http',
  url: 'https://agent.example/chat',
  method: 'POST',
  headers: { 'x-session': '{{session}}' },
  body: { message: '{{prompt}}', meta: { session: '{{session}}', tags: ['a', '{{session}}'], n: 1, note: 'in {{session}}' } },
  answerPath: '$.reply',
  session: { source: 'client' },
  stateful: true,
  idempotent: false,
  concurrency: 4,
  timeoutMs: 30_000,
  sidecar: false,
  canaries: {},
};

describe('renderTargetRequest', () => {
  it('carries any prompt unchanged in the body, whatever it contains', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (prompt, sessionId) => {
        const { body = '' } = renderTargetRequest(chat, { prompt, sessionId });
        expect(JSON.parse(body)).toEqual({
          message: prompt,
          meta: { session: sessionId, tags: ['a', sessionId], n: 1, note: `in ${sessionId}` },
        });
      }),
    );
  });

  it('leaves out what is nothing but an unknown session', () => {
    const request = renderTargetRequest(chat, { prompt: 'hi' });
    expect(JSON.parse(request.body ?? '')).toEqual({ message: 'hi', meta: { tags: ['a'], n: 1, note: 'in ' } });
    expect(request.headers).not.toHaveProperty('x-session');
  });

  it('encodes values in the URL, so that a prompt cannot change path or query', () => {
    const target = { ...chat, method: 'GET' as const, url: 'https://agent.example/ask?q={{prompt}}&s={{session}}' };
    const { body: _body, ...withoutBody } = target;
    const prompt = 'a&b=c#d/../é\ud800';
    const request = renderTargetRequest(withoutBody, { prompt, sessionId: 's 1' });
    const url = new URL(request.url);
    expect([url.host, url.pathname, url.searchParams.get('q'), url.searchParams.get('s')]).toEqual([
      'agent.example',
      '/ask',
      prompt.toWellFormed(),
      's 1',
    ]);
    expect(request).not.toHaveProperty('body');
    expect(request.headers).not.toHaveProperty('content-type');
  });

  it('never lets a variable choose the host', () => {
    for (const url of ['https://{{prompt}}/x', '{{prompt}}', 'https://a.{{session}}:80/', 'http:{{prompt}}']) {
      expect(() => renderTargetRequest({ ...chat, url }, { prompt: 'evil.example' })).toThrow(/cannot hold variables|cannot be rendered/);
    }
    expect(urlTemplateOrigin('https://a.example:8080/{{prompt}}')).toBe('https://a.example:8080');
  });

  it('names an unknown variable', () => {
    expect(() => renderTargetRequest({ ...chat, body: '{{promt}}' }, { prompt: 'hi' })).toThrow(/promt/);
    expect(() => renderTargetRequest({ ...chat, headers: { a: '{{prompt}}' } }, { prompt: 'hi' })).toThrow(/prompt/);
  });
});

describe('withCredential', () => {
  const request: TargetRequest = { method: 'POST', url: 'https://agent.example/chat?a=1#top', headers: { a: 'b' }, body: 'x' };

  it('adds each kind of credential to what is sent, and to nothing that is recorded', () => {
    expect(withCredential(request, { kind: 'bearer', token: 't' }).headers).toEqual({ a: 'b', authorization: 'Bearer t' });
    expect(withCredential(request, { kind: 'basic', username: 'ü', password: 'p' }).headers).toEqual({
      a: 'b',
      authorization: `Basic ${Buffer.from('ü:p').toString('base64')}`,
    });
    const key = { kind: 'api_key', name: 'X-Key', value: 'a&b' } as const;
    expect(withCredential(request, { ...key, placement: 'header' }).headers).toEqual({ a: 'b', 'x-key': 'a&b' });
    expect(withCredential(request, { ...key, placement: 'query' }).url).toBe('https://agent.example/chat?a=1&X-Key=a%26b#top');
    expect(request).toEqual({ method: 'POST', url: 'https://agent.example/chat?a=1#top', headers: { a: 'b' }, body: 'x' });
  });
});

describe('a target that keeps nothing between requests', () => {
  const stateless: HttpTargetDefinition = { ...chat, headers: {}, stateful: false, body: { model: 'm', messages: '{{messages}}' } };

  it('is sent the conversation so far, oldest first, and the prompt last', () => {
    const history = [
      { role: 'user', text: 'one' },
      { role: 'assistant', text: 'two' },
    ] as const;
    expect(JSON.parse(renderTargetRequest(stateless, { prompt: '{{x}}"', history }).body ?? '')).toEqual({
      model: 'm',
      messages: [
        { role: 'user', content: 'one' },
        { role: 'assistant', content: 'two' },
        { role: 'user', content: '{{x}}"' },
      ],
    });
  });

  it('does not take the conversation inside of a text', () => {
    expect(() => renderTargetRequest({ ...stateless, body: 'so far: {{messages}}' }, { prompt: 'x' })).toThrow(/messages/);
  });
});
