import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, describe, expect, it } from 'vitest';

import { cliSettingsFile, resolveSettings } from './settings.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'ordeal-settings-'));
const broken = mkdtempSync(path.join(tmpdir(), 'ordeal-settings-'));
writeFileSync(cliSettingsFile(folder), JSON.stringify({ url: 'http://127.0.0.1:9000', apiKey: 'local' }));
writeFileSync(cliSettingsFile(broken), '{');
afterAll(() => {
  for (const made of [folder, broken]) rmSync(made, { recursive: true });
});

describe('resolveSettings', () => {
  it('prefers flags to the environment, and that to the local stack', () => {
    const environment = { ORDEAL_URL: 'http://env/', ORDEAL_API_KEY: 'env' };
    expect(resolveSettings({ flags: { url: 'http://flag', apiKey: 'flag' }, environment, folders: [folder] })).toEqual({
      url: 'http://flag',
      apiKey: 'flag',
    });
    expect(resolveSettings({ flags: {}, environment, folders: [folder] })).toEqual({ url: 'http://env', apiKey: 'env' });
    expect(resolveSettings({ flags: {}, environment: {}, folders: ['/nowhere', folder] })).toEqual({
      url: 'http://127.0.0.1:9000',
      apiKey: 'local',
    });
  });

  it('never sends the key of the local stack to another address', () => {
    expect(() => resolveSettings({ flags: { url: 'http://elsewhere' }, environment: {}, folders: [folder] })).toThrow(
      'no API key for http://elsewhere',
    );
    expect(resolveSettings({ flags: { url: 'http://127.0.0.1:9000/' }, environment: {}, folders: [folder] }).apiKey).toBe('local');
  });

  it('refuses an address that is none, and takes an empty variable as not set', () => {
    expect(() => resolveSettings({ flags: { url: 'localhost' }, environment: {}, folders: [] })).toThrow('must be an address');
    expect(() => resolveSettings({ flags: {}, environment: { ORDEAL_API_KEY: ' ' }, folders: [] })).toThrow('Set ORDEAL_API_KEY');
  });

  it('says which file cannot be read', () => {
    expect(() => resolveSettings({ flags: {}, environment: {}, folders: [broken] })).toThrow(cliSettingsFile(broken));
  });
});
