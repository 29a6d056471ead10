import { describe, expect, it } from 'vitest';

import { createImportNotes, describeImportPath } from './import-notes.ts';
import { importPromptfooProvider } from './promptfoo-target.ts';

function importConfig(config: Record<string, unknown>, fill: Record<string, string> = {}) {
  const notes = createImportNotes();
  const provider = {
    id: 'https',
    label: 'Agent',
    config: { url: 'https://agent.example/chat', method: 'POST', body: { m: '{{prompt}}' }, ...config },
  };
  const target = importPromptfooProvider(provider, { path: ['targets', 0], notes }, { fill });
  const said = (list: string) =>
    notes.all.filter((note) => note.list === list).map((note) => `${describeImportPath(note.path)}: ${note.text}`);
  return { target, refused: said('refused').join('\n'), changed: said('changed').join('\n') };
}

describe('importPromptfooProvider', () => {
  it('never copies a credential, wherever it stands', () => {
    const secret = 'sk-live-0123456789abcdef';
    for (const config of [
      { headers: { Authorization: `Bearer ${secret}` } },
      { headers: { 'X-Api-Key': secret, Cookie: `sid=${secret}` } },
      { auth: { type: 'bearer', token: secret } },
      { auth: { type: 'basic', username: 'anna', password: secret } },
      { auth: { type: 'api_key', placement: 'header', keyName: 'X-Key', value: secret } },
      { auth: { type: 'oauth', clientSecret: secret } },
      { body: { m: '{{prompt}}', nested: [{ apiKey: secret }] } },
      { queryParams: { api_key: secret } },
      { url: `https://user:${secret}@agent.example/` },
      { url: `https://agent.example/?access_token=${secret}` },
    ]) {
      const { target, refused, changed } = importConfig(config);
      expect(JSON.stringify(target) ?? '').not.toContain(secret);
      expect(refused + changed).not.toContain(secret);
      expect(refused).not.toBe('');
    }
  });

  it('leaves a credential of the environment for a person, and names the variable', () => {
    const { target, changed } = importConfig({ auth: { type: 'basic', username: 'anna', password: '{{env.AGENT_PASSWORD}}' } });
    expect(target?.auth).toEqual({ kind: 'basic', username: 'anna', password: null });
    expect(changed).toContain('env AGENT_PASSWORD');
  });

  it.each([['(json) => json.a'], ['file://parser.js'], ["new Function('json', 'return json.a')"], ['json.a.trim()']])(
    'refuses the code %s and leaves the answer path open',
    (transformResponse) => {
      const { target, refused } = importConfig({ transformResponse });
      expect(target?.definition.answerPath).toBe('');
      expect(refused).toContain('targets[0].config.transformResponse');
    },
  );

  it('reads a deprecated responseParser and a session parser by path', () => {
    const { target } = importConfig({ responseParser: 'json.a', sessionParser: 'data.body.id' });
    expect(target?.definition).toMatchObject({ answerPath: '$.a', session: { source: 'server', path: '$.id' } });
  });

  it.each([
    [{ body: 'file://body.json' }, 'config.body'],
    [{ body: 'plain {{prompt}}' }, 'config.body'],
    [{ body: { m: '{{prompt | upper}}' } }, 'config.body'],
    [{ body: { m: '{{prompt}} {{other}}' } }, '--fill other=TEXT'],
    [{ method: 'DELETE' }, 'config.method'],
    [{ method: 'GET' }, 'config.method'],
    [{ multipart: { parts: [] } }, 'config.multipart'],
    [{ transformRequest: '(p) => p' }, 'config.transformRequest'],
    [{ session: { url: 'https://agent.example/session' } }, 'config.session.responseParser'],
    [{ session: { url: 'https://agent.example/{{x}}', responseParser: 'data.body.id' } }, 'config.session'],
    [{ sessionSource: 'endpoint' }, 'config.session'],
    [{ request: 'not HTTP' }, 'config.request'],
    [{ url: '{{env.BASE_URL}}/chat' }, '--fill env.BASE_URL=TEXT'],
  ])('makes no target of %j', (config, why) => {
    const { target, refused } = importConfig(config);
    expect(target).toBeUndefined();
    expect(refused).toContain(why);
  });

  it('reads an endpoint that hands out sessions', () => {
    const session = {
      url: 'https://agent.example/session',
      headers: { 'X-A': 'b', Authorization: 'Bearer secret-1' },
      body: { a: 1 },
      responseParser: 'data.body.s.id',
    };
    const { target, refused } = importConfig({ session, sessionSource: 'endpoint' });
    expect(target?.definition.session).toEqual({
      source: 'endpoint',
      url: 'https://agent.example/session',
      method: 'POST',
      headers: { 'x-a': 'b' },
      body: { a: 1 },
      path: '$.s.id',
    });
    expect(refused).toContain('session.headers.Authorization: a credential is not copied');
  });

  it('reads client credentials, and leaves the secret for a person', () => {
    const auth = {
      type: 'oauth',
      grantType: 'client_credentials',
      tokenUrl: 'https://idp.example/token',
      clientId: 'me',
      clientSecret: '{{env.SECRET}}',
      scopes: ['a', 'b'],
    };
    const { target, changed } = importConfig({ auth });
    expect(target?.auth).toEqual({
      kind: 'oauth_client_credentials',
      tokenUrl: 'https://idp.example/token',
      clientId: 'me',
      clientSecret: null,
      scope: 'a b',
      clientAuthentication: 'body',
    });
    expect(changed).toContain('auth.clientId and auth.clientSecret in the target file by hand, from env SECRET');
    expect(importConfig({ auth: { ...auth, grantType: 'password' } }).refused).toContain('only client_credentials');
    expect(importConfig({ auth: { ...auth, tokenUrl: '{{env.IDP}}' } }).refused).toContain('auth.tokenUrl');
  });

  it('reads a key in the query', () => {
    const { target } = importConfig({ auth: { type: 'api_key', placement: 'query', keyName: 'Key', value: '{{env.KEY}}' } });
    expect(target?.auth).toEqual({ kind: 'api_key', placement: 'query', name: 'Key', value: null });
  });

  it('reads the TLS options that verify as much, and copies no key', () => {
    const ca = '-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----';
    const { target, refused } = importConfig({
      tls: { ca, servername: 'agent.internal', minVersion: 'TLSv1.3', rejectUnauthorized: false, key: 'secret-key', certPath: 'c.pem' },
    });
    expect(target?.definition.tls).toEqual({ ca, servername: 'agent.internal', minVersion: 'TLSv1.3' });
    for (const field of ['rejectUnauthorized', 'key', 'certPath']) expect(refused).toContain(`config.tls.${field}`);
    expect(refused).not.toContain('secret-key');
  });

  it('fills in what the person gives', () => {
    const { target } = importConfig({ url: '{{env.BASE_URL}}/chat' }, { 'env.BASE_URL': 'https://b.example' });
    expect(target?.definition.url).toBe('https://b.example/chat');
  });

  it('reads a body of text with a bare placeholder as JSON', () => {
    expect(importConfig({ body: '{"m": {{prompt | dump}}, "n": 1}' }).target?.definition.body).toEqual({ m: '{{prompt}}', n: 1 });
  });

  it('says that a body without a method becomes POST', () => {
    const { target, changed } = importConfig({ method: undefined });
    expect(target?.definition.method).toBe('POST');
    expect(changed).toContain('taken as POST');
  });

  it('appends query parameters, encoded but for the variables', () => {
    const { target } = importConfig({ queryParams: { 'a b': 'x&y {{prompt}}', v: 2 } });
    expect(target?.definition.url).toBe('https://agent.example/chat?a%20b=x%26y%20{{prompt}}&v=2');
  });

  it('names every field that is not carried over', () => {
    const { refused } = importConfig({ validateStatus: 'true', signatureAuth: {}, tools: [], maxRetries: 2, hedaers: {} });
    for (const field of ['validateStatus', 'signatureAuth', 'tools', 'maxRetries']) expect(refused).toContain(`config.${field}`);
    expect(refused).toContain('did you mean "headers"');
  });
});
