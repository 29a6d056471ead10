/**
 * `npm test`: runs all tests, or those whose path contains one of the arguments, and prints `N passed, N failed` as its
 * last line. What the tests leave behind counts as a failure.
 *
 *   npm test                              everything
 *   npm test -- test/integration/run      some files
 *   npm test -- --junit results.xml       also a JUnit report
 */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { toolPath } from './check/run-tool.ts';
import { root } from './stack/data-folder.ts';
import { onParentGone } from './stack/parent-watch.ts';
import { removeFolderAtEnd } from './stack/watchdog.ts';
import { watchLeftovers } from './test/leftovers.ts';
import { readTally, summaryLine } from './test/tally.ts';

const { values, positionals } = parseArgs({ options: { junit: { type: 'string' } }, allowPositionals: true });

// Tests make their temporary folders here, so that one that is left is seen. PostgreSQL's account must be able to pass through.
const temporary = fs.mkdtempSync(path.join(os.tmpdir(), 'ordeal-npm-test-'));
fs.chmodSync(temporary, 0o711);
removeFolderAtEnd(temporary);

const resultFile = path.join(temporary, 'vitest-result.json');
const child = spawn(process.execPath, [toolPath('vitest'), 'run', ...reporters(), ...positionals], {
  cwd: root,
  stdio: ['ignore', 'inherit', 'inherit'],
  env: { ...process.env, TMPDIR: temporary },
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
onParentGone(() => child.kill('SIGTERM'));

const leftovers = watchLeftovers({ pid: child.pid ?? 0, folder: temporary });
const exitCode = await new Promise<number>((resolve, reject) => {
  child.once('error', reject);
  child.once('close', (code) => resolve(code ?? 1));
});
const tally = readTally(resultFile, exitCode);
const left = await leftovers.settle();
for (const each of left) process.stdout.write(`Left behind by the tests: ${each}\n`);
fs.rmSync(temporary, { recursive: true, force: true });

const result = { ...tally, failed: tally.failed + (left.length === 0 ? 0 : 1) };
for (const problem of result.problems) process.stdout.write(`${problem}\n`);
process.stdout.write(`${summaryLine(result)}\n`);
process.exit(result.failed === 0 ? 0 : 1);

function reporters(): string[] {
  const always = ['--reporter=default', '--reporter=json', `--outputFile.json=${resultFile}`];
  if (values.junit === undefined) return always;
  return [...always, '--reporter=junit', `--outputFile.junit=${path.resolve(values.junit)}`];
}
