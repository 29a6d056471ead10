import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { downloadTemporalCli, pinnedVersion } from './temporal-download.mjs';
import { exclusively } from './exclusive.mjs';
import { runProgram, say, withProgress } from './progress.mjs';

/** Fairness and eager activities need at least this Temporal server inside the CLI. */
const oldestServer = [1, 29];
const oldestGo = [1, 25];

/** Finds a Temporal CLI, or gets one, in the order that `docs/local-stack.md` describes; returns its path. */
export async function ensureTemporalCli(env = process.env) {
  if (env.TEMPORAL_CLI) {
    const found = await inspect(env.TEMPORAL_CLI);
    if (!found.usable) throw new Error(`TEMPORAL_CLI=${env.TEMPORAL_CLI} cannot be used: ${found.reason}`);
    return announce(env.TEMPORAL_CLI, 'TEMPORAL_CLI', found);
  }
  const onPath = findOnPath('temporal', env);
  if (onPath !== null) {
    const found = await inspect(onPath);
    if (found.usable) return announce(onPath, 'PATH', found);
    say(`${onPath} is passed over: ${found.reason}`);
  }
  const cacheHome = env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache');
  const cacheDir = path.join(cacheHome, 'ordeal', 'temporal-cli', pinnedVersion);
  const cached = path.join(cacheDir, process.platform === 'win32' ? 'temporal.exe' : 'temporal');
  const fromCache = await inspect(cached);
  if (fromCache.usable) return announce(cached, 'cache', fromCache);
  return exclusively(path.join(cacheDir, 'setup.lock'), () => obtain({ cacheDir, cached, env }));
}

async function obtain({ cacheDir, cached, env }) {
  const meanwhile = await inspect(cached);
  if (meanwhile.usable) return announce(cached, 'cache', meanwhile);
  // Inside the cache folder, so that the last step is a rename within one file system.
  const draftDir = fs.mkdtempSync(path.join(cacheDir, 'draft-'));
  const removeDraft = () => fs.rmSync(draftDir, { recursive: true, force: true });
  process.once('exit', removeDraft);
  try {
    const reasons = [];
    for (const get of [downloadTemporalCli, buildWithGo]) {
      try {
        const draft = await get(draftDir, env);
        const found = await inspect(draft);
        if (!found.usable) throw new Error(found.reason);
        fs.renameSync(draft, cached);
        return announce(cached, get === buildWithGo ? 'go install' : 'download', found);
      } catch (error) {
        reasons.push(error.message);
        say(error.message.split('\n')[0]);
      }
    }
    throw new Error(noCliMessage(reasons));
  } finally {
    process.removeListener('exit', removeDraft);
    removeDraft();
  }
}

async function buildWithGo(draftDir, env) {
  const go = findOnPath('go', env) ?? (fs.existsSync('/usr/local/go/bin/go') ? '/usr/local/go/bin/go' : null);
  if (go === null) throw new Error('go install: there is no Go on this machine');
  const version = (await runProgram(go, ['env', 'GOVERSION'], { env })).trim();
  const [major = 0, minor = 0] = version
    .replace(/^go/, '')
    .split('.')
    .map((part) => Number.parseInt(part, 10));
  if (isOlder([major, minor], oldestGo)) throw new Error(`go install: Go ${oldestGo.join('.')} is needed, this is ${version}`);
  const module = `github.com/temporalio/cli/cmd/temporal@${pinnedVersion}`;
  await withProgress(`building the Temporal CLI (go install ${module}; some minutes the first time)`, () =>
    runProgram(
      go,
      ['install', '-trimpath', `-ldflags=-s -w -X github.com/temporalio/cli/internal.Version=${pinnedVersion.slice(1)}`, module],
      { env: { ...env, GOBIN: draftDir, CGO_ENABLED: '0' } },
    ),
  );
  return path.join(draftDir, process.platform === 'win32' ? 'temporal.exe' : 'temporal');
}

async function inspect(file) {
  if (!fs.existsSync(file)) return { usable: false, reason: 'there is no such file' };
  try {
    const printed = (await runProgram(file, ['--version'])).trim();
    // A CLI that go built calls itself 0.0.0-DEV, so the version of the server inside is what counts.
    const server = /Server (\d+)\.(\d+)/.exec(printed);
    if (server === null) return { usable: false, reason: `it does not say which server it holds: ${printed}` };
    if (isOlder([Number(server[1]), Number(server[2])], oldestServer)) {
      return { usable: false, reason: `server ${oldestServer.join('.')} or newer is needed: ${printed}` };
    }
    return { usable: true, printed };
  } catch (error) {
    return { usable: false, reason: error.message.split('\n')[0] };
  }
}

function isOlder([major, minor], [oldestMajor, oldestMinor]) {
  return major < oldestMajor || (major === oldestMajor && minor < oldestMinor);
}

function announce(file, source, { printed }) {
  say(`Temporal CLI from ${source}: ${file} (${printed})`);
  return file;
}

function findOnPath(name, env) {
  for (const folder of (env.PATH ?? '').split(path.delimiter)) {
    const candidate = path.join(folder, process.platform === 'win32' ? `${name}.exe` : name);
    try {
      fs.accessSync(candidate, fs.constants.X_OK);
      if (fs.statSync(candidate).isFile()) return candidate;
    } catch {
      continue;
    }
  }
  return null;
}

function noCliMessage(reasons) {
  return [
    'No Temporal CLI could be found or made. Any one of these will do:',
    '  - set TEMPORAL_CLI to a Temporal CLI that holds server 1.29 or newer',
    '  - put `temporal` on the PATH (https://docs.temporal.io/cli/setup-cli)',
    '  - let this machine reach https://temporal.download and https://github.com (a download with a pinned checksum)',
    `  - install Go ${oldestGo.join('.')} or newer, and it is built from the published module`,
    '  - set TEMPORAL_ADDRESS to a Temporal server that runs already',
    'What was tried:',
    ...reasons.map((reason) => `  - ${reason.split('\n').join('\n    ')}`),
  ].join('\n');
}
