/**
 * `npm run record:histories`: records anew, from real runs, the histories that test/replay replays. To be run when the
 * workflow code has changed on purpose in a way that old histories cannot follow, before such code was ever released.
 */
import { mkdtemp, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

import { makeTemplate } from '../test/harness/global-setup.ts';
import { createTestDatabase } from '../test/harness/test-database.ts';
import { startTestWorker } from '../test/harness/test-worker.ts';
import { ensureTemporalCli } from './setup/temporal-cli.mjs';
import { firingScenarios, recordFiring } from './record-histories/record-firing.ts';
import { recordScenario, type RecordingServices } from './record-histories/record-scenario.ts';
import { scenarios } from './record-histories/scenarios.ts';
import { startPostgres } from './stack/embedded-postgres.ts';
import { startTemporalServer } from './stack/temporal-server.ts';
import { startScriptedAgent } from '../test/fakes/scripted-agent.ts';

const target = fileURLToPath(new URL('../test/replay/histories/', import.meta.url));
/** Longer ones are kept compressed. */
const plainLimitBytes = 512 * 1024;

const folder = await mkdtemp(path.join(tmpdir(), 'ordeal-record-'));
const ignore = (): void => undefined;
const cliPath = await ensureTemporalCli();
const postgres = await startPostgres({ dataDir: path.join(folder, 'postgres'), log: ignore });
const temporal = await startTemporalServer({ cliPath, dbFile: path.join(folder, 'temporal.db'), headless: true, log: ignore });
try {
  await makeTemplate(postgres.adminUrl);
  await recordAll();
} finally {
  await Promise.all([temporal.stop(), postgres.stop()]);
  await rm(folder, { recursive: true, force: true });
}

async function recordAll(): Promise<void> {
  const db = await createTestDatabase(postgres.adminUrl);
  const answering: RecordingServices['answering'] = { answer: () => ({}) };
  const agent = await startScriptedAgent((request, number) => answering.answer(request, number));
  const worker = await startTestWorker({ database: db.database, allowPorts: [agent.port], address: temporal.address });
  try {
    await mkdir(target, { recursive: true });
    for (const old of await readdir(target)) await rm(path.join(target, old));
    for (const scenario of scenarios) {
      const startedAt = performance.now();
      const histories = await recordScenario({ db, agent, worker, answering }, scenario);
      for (const [index, history] of histories.entries()) {
        await store(histories.length === 1 ? scenario.name : `${scenario.name}-${index + 1}`, history);
      }
      process.stdout.write(`${scenario.name}: ${histories.length} (${((performance.now() - startedAt) / 1000).toFixed(1)} s)\n`);
    }
    for (const scenario of firingScenarios) await store(scenario.name, await recordFiring({ db, agent, worker, answering }, scenario));
  } finally {
    await worker.close();
    await agent.close();
    await db.drop();
  }
}

async function store(name: string, history: unknown): Promise<void> {
  const text = `${JSON.stringify(history, withoutStackTraces, 1)}\n`;
  if (Buffer.byteLength(text) <= plainLimitBytes) await writeFile(path.join(target, `${name}.json`), text);
  else await writeFile(path.join(target, `${name}.json.gz`), gzipSync(JSON.stringify(history, withoutStackTraces), { level: 9 }));
}

/** Stack traces name files of the machine that recorded them. A replay reads none of it: failures keep their type and message. */
function withoutStackTraces(key: string, value: unknown): unknown {
  return key === 'stackTrace' ? undefined : value;
}
