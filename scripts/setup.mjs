/**
 * Makes a fresh checkout ready to run: plain JavaScript without dependencies, for the Node (20 or newer) of the machine.
 *
 *   node scripts/setup.mjs                         set up only
 *   node scripts/setup.mjs run scripts/x.ts args   set up, then run the script on the project's own Node
 */
import { spawn } from 'node:child_process';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureDependencies } from './setup/dependencies.mjs';
import { say } from './setup/progress.mjs';
import { ensureTemporalCli } from './setup/temporal-cli.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const oldestNodeMajor = 20;

async function main() {
  const [verb, script, ...args] = process.argv.slice(2);
  if (verb !== undefined && (verb !== 'run' || script === undefined)) {
    throw new Error('usage: node scripts/setup.mjs [run <script.ts> [arguments]]');
  }
  if (Number(process.versions.node.split('.')[0]) < oldestNodeMajor) {
    throw new Error(`Node ${oldestNodeMajor} or newer is needed to set up; this is ${process.versions.node}`);
  }
  const node = await ensureDependencies(root);
  const env = { ...process.env };
  if (env.TEMPORAL_ADDRESS) say(`TEMPORAL_ADDRESS is set: no Temporal CLI is needed`);
  else env.TEMPORAL_CLI = await ensureTemporalCli();
  if (script !== undefined) process.exitCode = await runScript({ node, script, args, env });
}

/** Runs the script with this terminal, hands every signal on, and returns its exit code. */
function runScript({ node, script, args, env }) {
  return new Promise((resolve, reject) => {
    // The script ends itself when this process is gone: see scripts/stack/parent-watch.ts.
    const child = spawn(node, [script, ...args], { stdio: 'inherit', env: { ...env, ORDEAL_PARENT_PID: String(process.pid) } });
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
    stopWithNpm(() => child.kill('SIGTERM'));
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(code ?? 128 + (os.constants.signals[signal] ?? 0)));
  });
}

/** When npm started this process and is killed without a word, nobody else would tell the script to end. */
function stopWithNpm(stop) {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    stop();
  }, 1_000);
  watch.unref();
}

// Before the script runs, a signal ends the set-up through 'exit', where locks and drafts are removed.
const endSetUp = (signal) => process.exit(128 + os.constants.signals[signal]);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    if (process.listenerCount(signal) === 1) endSetUp(signal);
  });
}

main().catch((error) => {
  say(error.message);
  process.exitCode = 1;
});
