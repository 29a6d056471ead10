/** `npm run demo`: the whole product on fresh data, one run against each demo agent, and exit code 0 when both came out as they must. */
import fs from 'node:fs';
import path from 'node:path';
import { demoDifferences, describeDemo } from './demo/demo-result.ts';
import { followRun, readDemoResult, startDemoRun } from './demo/demo-run.ts';
import { progressLines } from './demo/progress-lines.ts';
import { connectToApi } from './stack/api-connection.ts';
import { localDataFolder, temporaryDataFolder } from './stack/data-folder.ts';
import { runUntilEnded } from './stack/ending.ts';
import { type DemoAgent } from './stack/local-settings.ts';
import { runningServices, type Stack, startStack } from './stack/start-stack.ts';

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
const dataDir = temporaryDataFolder('demo');
const reportDir = path.join(localDataFolder(process.env), 'demo');
const running = runningServices();
const startedAt = performance.now();

await runUntilEnded({
  say,
  run: async (signal) => {
    say('Ordeal demo: everything fresh, nothing kept but the reports.');
    const stack = await startStack({
      dataDir,
      environment: demoEnvironment(),
      prefersUsualPorts: false,
      say: (line) => say(`  ${line}`),
      signal,
      running,
    });
    return runDemo(stack, signal);
  },
  end: async () => {
    await running.stop();
    keepLogs();
    fs.rmSync(dataDir, { recursive: true, force: true });
  },
});

/** With a Temporal server from outside, a queue of our own: other workers there know nothing of this database. */
function demoEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, TEMPORAL_TASK_QUEUE: process.env['TEMPORAL_TASK_QUEUE'] || `ordeal-${path.basename(dataDir)}` };
}

async function runDemo(stack: Stack, signal: AbortSignal): Promise<number> {
  const api = connectToApi(stack.apiUrl, stack.tenant.apiKey);
  say('');
  say('Running S1..S5 (16 steps) against the careless and the hardened agent');
  if (stack.temporalUiUrl !== null) say(`  while it lasts, each run is a workflow in ${stack.temporalUiUrl}`);
  const lines = progressLines(process.stdout);
  const [careless, hardened] = await Promise.all([examine('careless'), examine('hardened')]);
  lines.end();
  say('');
  for (const line of describeDemo(careless, hardened)) say(line);
  say('');
  say(`Reports are in ${reportDir}: careless.md, careless.json, hardened.md, hardened.json`);
  const differences = demoDifferences(careless, hardened);
  for (const difference of differences) say(`  ✗ ${difference}`);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  say(differences.length === 0 ? `The demo came out as it must (${seconds} s).` : `The demo did not come out as it must (${seconds} s).`);
  return differences.length === 0 ? 0 : 1;

  async function examine(agent: DemoAgent) {
    const runId = await startDemoRun(api, stack.tenant, agent);
    const progress = await followRun(api, runId, { tell: (now) => lines.tell(agent, now), signal });
    const { result, markdown, json } = await readDemoResult(api, { agent, runId, progress });
    fs.mkdirSync(reportDir, { recursive: true });
    fs.writeFileSync(path.join(reportDir, `${agent}.md`), markdown);
    fs.writeFileSync(path.join(reportDir, `${agent}.json`), json);
    return result;
  }
}

/** The logs tell why something went wrong; they are all that stays of the data. */
function keepLogs(): void {
  const logs = path.join(dataDir, 'logs');
  if (!fs.existsSync(logs)) return;
  fs.rmSync(path.join(reportDir, 'logs'), { recursive: true, force: true });
  fs.cpSync(logs, path.join(reportDir, 'logs'), { recursive: true });
}
