import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { finished } from 'node:stream/promises';

export interface LargeImport {
  readonly seconds: number;
  /** The most that was resident, in MiB: of the command, and of the API while it ran. */
  readonly commandMib: number;
  readonly apiMib: number;
  /** The last line that the command printed. */
  readonly said: string;
}

export interface LargeImportOptions {
  readonly rows: number;
  readonly name: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly apiPid: number | undefined;
}

const charactersOfPrompt = 1_000;
const sampleEveryMs = 100;
const heapMib = 96;

/** Imports a CSV of so many prompts of a kilobyte into a library, by the real command, and watches the memory. */
export async function importLargeLibrary({ rows, name, environment, apiPid }: LargeImportOptions): Promise<LargeImport> {
  const folder = await mkdtemp(path.join(tmpdir(), 'ordeal-bench-imports-'));
  try {
    const file = path.join(folder, 'set.csv');
    await writeSet(file, rows);
    const startedAt = performance.now();
    const child = spawn(process.execPath, ['cli/main.ts', 'libraries', 'import', file, '--name', name], {
      // Far below the size of the set: what is kept must not grow with it.
      env: { ...environment, NODE_OPTIONS: `--max-old-space-size=${heapMib}` },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    const peaks = { command: 0, api: 0 };
    const sampling = setInterval(() => {
      void residentMib(child.pid).then((mib) => (peaks.command = Math.max(peaks.command, mib)));
      void residentMib(apiPid).then((mib) => (peaks.api = Math.max(peaks.api, mib)));
    }, sampleEveryMs);
    const [code] = (await once(child, 'close')) as [number | null];
    clearInterval(sampling);
    if (code !== 0) throw new Error(`ordeal libraries import ended with ${String(code)}: ${output}`);
    const seconds = (performance.now() - startedAt) / 1_000;
    return { seconds, commandMib: peaks.command, apiMib: peaks.api, said: output.trim().split('\n').at(-1) ?? '' };
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function writeSet(file: string, rows: number): Promise<void> {
  const stream = createWriteStream(file);
  stream.write('id,prompt\n');
  for (let row = 1; row <= rows; row += 1) {
    const text = `Prompt ${row} of a large set. ${'It goes on and on. '.repeat(60)}`.slice(0, charactersOfPrompt);
    // A stream that is full is waited for, so that this process stays small as well.
    // oxlint-disable-next-line no-await-in-loop
    if (!stream.write(`${row},"${text}"\n`)) await once(stream, 'drain');
  }
  stream.end();
  await finished(stream);
}

/** 0 where the process is gone, or where the system does not tell. */
async function residentMib(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid ?? 0}/status`, 'utf8').catch(() => '');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1_024;
}
