import { randomBytes } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import type { Environment } from './environment.ts';
import { apiEnv, workerEnv } from './env.ts';

const good: Environment = {
  DATABASE_URL: 'postgres://app:hunter2canary@127.0.0.1/ordeal',
  ORDEAL_SECRET_KEY: randomBytes(32).toString('base64'),
};

describe('the environment', () => {
  it('has a documented default for everything but the database and the key', () => {
    expect(apiEnv(good)).toMatchObject({
      host: '127.0.0.1',
      port: 8_080,
      temporal: { address: '127.0.0.1:7233', namespace: 'default', taskQueue: 'ordeal' },
      egressPrivateAllow: [],
      maxRunDurationMinutes: 30,
      logLevel: 'info',
    });
    expect(workerEnv(good)).toMatchObject({ concurrency: 100, health: { host: '127.0.0.1', port: 0 } });
  });

  it('takes an empty variable as not set', () => {
    expect(apiEnv({ ...good, API_PORT: '', PUBLIC_URL: '' })).toMatchObject({ port: 8_080, publicUrl: undefined });
  });

  it('takes several keys, of which the first seals', () => {
    const keys = [randomBytes(32), randomBytes(32)];
    const env = apiEnv({ ...good, ORDEAL_SECRET_KEY: keys.map((key) => key.toString('base64')).join(',') });
    expect(env.secretKeys.map((key) => key.bytes)).toEqual(keys);
  });

  const bad: [string, string, string | undefined][] = [
    ['DATABASE_URL', 'is missing', undefined],
    ['DATABASE_URL', 'is no URL', 'canaryvalue'],
    ['DATABASE_URL', 'has another protocol', 'mysql://canaryvalue@localhost/x'],
    ['TEMPORAL_ADDRESS', 'has no port', 'canaryvalue'],
    ['TEMPORAL_ADDRESS', 'is a URL', 'http://canaryvalue:7233/'],
    ['ORDEAL_SECRET_KEY', 'is missing', undefined],
    ['ORDEAL_SECRET_KEY', 'is a placeholder', 'change-me-canaryvalue'],
    ['ORDEAL_SECRET_KEY', 'is a placeholder in base64', Buffer.from('change-me-change-me-change-me-32').toString('base64')],
    ['ORDEAL_SECRET_KEY', 'is too short', randomBytes(16).toString('base64')],
    ['ORDEAL_SECRET_KEY', 'is too long', randomBytes(33).toString('base64')],
    ['ORDEAL_SECRET_KEY', 'is all zeros', Buffer.alloc(32).toString('base64')],
    ['ORDEAL_SECRET_KEY', 'is a progression', Buffer.from(Array.from({ length: 32 }, (_, index) => index)).toString('base64')],
    ['ORDEAL_SECRET_KEY', 'repeats itself', Buffer.alloc(32, randomBytes(8)).toString('base64')],
    ['ORDEAL_SECRET_KEY', 'is a sentence', Buffer.from('correct horse battery staple 42!').toString('base64')],
    ['ORDEAL_SECRET_KEY', 'is weak behind a good one', `${randomBytes(32).toString('base64')},${Buffer.alloc(32).toString('base64')}`],
    ['EGRESS_PRIVATE_ALLOW', 'has no port', '10.9.8.7/32'],
    ['EGRESS_PRIVATE_ALLOW', 'has a name', 'canaryvalue/32:80'],
    ['EGRESS_PRIVATE_ALLOW', 'allows everything by a star', '*'],
    ['MAX_RUN_DURATION_MINUTES', 'is zero', '0'],
    ['MAX_RUN_DURATION_MINUTES', 'has a unit', '30m'],
    ['LOG_LEVEL', 'is unknown', 'canaryvalue'],
    ['API_PORT', 'is negative', '-1'],
    ['API_PORT', 'is too great', '65536'],
    ['API_PORT', 'is a fraction', '80.5'],
    ['ORDEAL_JUDGE_MODELS', 'is no JSON', 'canaryvalue'],
    ['ORDEAL_JUDGE_MODELS', 'is no list', '{"baseUrl":"canaryvalue"}'],
    ['ORDEAL_JUDGE_MODELS', 'has a credential in its URL', '[{"baseUrl":"https://canaryvalue@x/v1","model":"m"}]'],
    ['ORDEAL_JUDGE_MODELS', 'has a member that is not known', '[{"baseUrl":"https://x/v1","model":"m","apiKey":"canaryvalue"}]'],
    ['ORDEAL_JUDGE_MODELS', 'holds the key itself', '[{"baseUrl":"https://x/v1","model":"m","apiKeyEnv":"sk-canaryvalue"}]'],
    ['ORDEAL_ATTACKER_MODELS', 'names a key that is not set', '[{"baseUrl":"https://x/v1","model":"m","apiKeyEnv":"NOT_SET"}]'],
    ['ORDEAL_GENERATOR_MODELS', 'has a negative price', '[{"baseUrl":"https://x/v1","model":"m","priceIn":-1}]'],
    ['ORDEAL_MODEL_TOKENS_PER_RUN', 'is too small', '12'],
    ['ORDEAL_MODEL_PRIVATE_ALLOW', 'has no port', '10.9.8.7/32'],
    ['PUBLIC_URL', 'is no URL', 'canaryvalue'],
    ['PUBLIC_URL', 'is a script', 'javascript:canaryvalue'],
  ];
  it.each(bad)('refuses to start when %s %s, names it and never shows the value', (variable, _reason, value) => {
    let message = '';
    try {
      apiEnv({ ...good, [variable]: value });
    } catch (error) {
      message = error instanceof Error ? error.message : '';
    }
    expect(message).toContain(`  ${variable} `);
    if (value !== undefined && value.length > 6) expect(message).not.toContain(value);
    expect(message).not.toContain('canary');
  });

  const models = (changes: object) => JSON.stringify([{ baseUrl: 'https://models.example.com/v1/', model: 'large', ...changes }]);

  it('has no models unless they are configured', () => {
    expect(workerEnv(good).models).toEqual({
      endpoints: { judge: [], attacker: [], generator: [] },
      privateAllow: [],
      tokensPerRun: 2_000_000,
    });
  });

  it('reads models with their defaults and the key that they name, which no log can show', () => {
    const environment = { ...good, JUDGE_KEY: 'canaryvalue', ORDEAL_JUDGE_MODELS: models({ apiKeyEnv: 'JUDGE_KEY', priceIn: 2.5 }) };
    const [endpoint] = apiEnv(environment).models.endpoints.judge;
    expect(endpoint).toMatchObject({ baseUrl: 'https://models.example.com/v1', timeoutMs: 60_000, structuredOutput: 'json_schema' });
    expect(endpoint?.readApiKey()).toBe('canaryvalue');
    expect(JSON.stringify(endpoint)).not.toContain('canaryvalue');
  });

  it('has an unversioned worker unless a build is named, which needs no more than its id', () => {
    expect(workerEnv({ ...good, ORDEAL_DEPLOYMENT_NAME: 'staging', ORDEAL_BUILD_ID: '' }).build.buildId).toBeUndefined();
    expect(workerEnv({ ...good, ORDEAL_BUILD_ID: '0.2.0+3f2c1a9' }).build).toEqual({ deploymentName: 'ordeal', buildId: '0.2.0+3f2c1a9' });
  });

  it.each(['__unversioned__', 'ordeal:7', 'a b', 'x'.repeat(129)])('has no build "%s"', (id) => {
    expect(() => workerEnv({ ...good, ORDEAL_BUILD_ID: id })).toThrow(/ORDEAL_BUILD_ID must have/);
    expect(() => workerEnv({ ...good, ORDEAL_BUILD_ID: '7', ORDEAL_DEPLOYMENT_NAME: id })).toThrow(/ORDEAL_DEPLOYMENT_NAME must have/);
  });

  it('names every bad variable at once', () => {
    expect(() => workerEnv({ WORKER_CONCURRENCY: 'many' })).toThrow(/DATABASE_URL[\s\S]*ORDEAL_SECRET_KEY[\s\S]*WORKER_CONCURRENCY/);
  });
});
