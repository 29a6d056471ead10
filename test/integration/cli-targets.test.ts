import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startScriptedAgent, type AgentAnswer, type ScriptedAgent } from '../fakes/scripted-agent.ts';
import { startCli, type CliResult } from '../harness/cli-process.ts';
import { createTenant, targetAt, type TestTenant } from '../harness/plan-run.ts';
import { startTestApi, type TestApi } from '../harness/test-api.ts';
import { createTestDatabase, type TestDatabase } from '../harness/test-database.ts';

let db: TestDatabase;
let agent: ScriptedAgent;
let api: TestApi;
let tenant: TestTenant;
let folder: string;
let answer: AgentAnswer = { reply: 'Hello from the shop' };

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ordeal-targets-'));
  db = await createTestDatabase();
  agent = await startScriptedAgent(() => answer);
  api = await startTestApi({ database: db.database, allowPorts: [agent.port] });
  tenant = await createTenant(db.database, 'Shop');
});

afterAll(async () => {
  await Promise.all([api.close(), agent.close()]);
  await db.drop();
  await rm(folder, { recursive: true, force: true });
});

const token = 'secret-token-of-the-shop';

function ordeal(...args: readonly string[]): Promise<CliResult> {
  return startCli(['targets', ...args], { ORDEAL_URL: api.url, ORDEAL_API_KEY: tenant.apiKey, AGENT_TOKEN: token }).ended;
}

async function file(name: string, content: object): Promise<string> {
  const at = path.join(folder, name);
  await writeFile(at, JSON.stringify(content));
  return at;
}

describe('ordeal targets', () => {
  it('tests a file, creates it, shows it without its credential, and changes it', async () => {
    const agentFile = await file('agent.json', { name: 'Shop agent', definition: targetAt(agent.url), auth: { kind: 'bearer' } });
    const fromEnv = ['--from-env', 'auth.token=AGENT_TOKEN'];
    const tried = await ordeal('test', agentFile, ...fromEnv);
    expect([tried.code, tried.stdout]).toEqual([
      0,
      expect.stringMatching(/SENT +POST .*authorization: Bearer \*\*\*\*.*HTTP 200.*READ +Hello from the shop/s),
    ]);
    expect((await ordeal('list')).stdout).toBe('No targets. Make one: ordeal targets create FILE\n');
    const created = await ordeal('create', agentFile, ...fromEnv);
    expect([created.code, created.stdout]).toEqual([0, expect.stringContaining('Created Shop agent: tgt_')]);
    expect((await ordeal('list')).stdout).toMatch(/tgt_\w+ +http +bearer +http:\/\/127\.0\.0\.1:\d+\/chat +Shop agent/);
    const shown = await ordeal('show', 'Shop agent');
    expect(shown.stdout).toContain('"answerPath": "$.reply"');
    const change = await file('change.json', { definition: targetAt('https://agent.example.com/chat') });
    expect((await ordeal('update', 'Shop agent', change)).stdout).toMatch(/revision 2\.\nIts credential was cleared/);
    for (const { stdout, stderr } of [tried, created, shown]) expect(stdout + stderr).not.toContain(token);
    expect(agent.seen[0]?.headers['authorization']).toBe(`Bearer ${token}`);
  });

  it('says on one screen what to change, and exits with 3', async () => {
    answer = { reply: 'Here I am' };
    const definition = targetAt(agent.url, { answerPath: '$.data.answer' });
    const { code, stdout } = await ordeal('test', await file('wrong.json', { name: 'x', definition }));
    expect(code).toBe(3);
    expect(stdout).toMatch(/RESULT .*\(answer_unreadable\).*TO CHANGE\n {2}- Set "answerPath".*\$\.reply \("Here I am"\)/s);
    expect(stdout.split('\n').length).toBeLessThan(40);
  });

  it('names a variable that is not set and a file that is none', async () => {
    const agentFile = await file('agent.json', { name: 'Shop agent', definition: targetAt(agent.url) });
    const unset = await ordeal('test', agentFile, '--from-env', 'auth.token=NOT_THERE');
    expect([unset.code, unset.stderr]).toEqual([2, expect.stringContaining('NOT_THERE is not set')]);
    const list = await ordeal('create', await file('list.json', []));
    expect([list.code, list.stderr]).toEqual([2, expect.stringContaining('must hold one target')]);
  });
});
