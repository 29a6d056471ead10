/** `npm start`: the whole product on this machine, with data that stays. */
import fs from 'node:fs';
import path from 'node:path';
import { cliSettingsFile } from '../cli/settings.ts';
import { takePidLock } from './setup/pid-lock.mjs';
import { localDataFolder } from './stack/data-folder.ts';
import { runUntilEnded } from './stack/ending.ts';
import { runningServices, type Stack, startStack } from './stack/start-stack.ts';

const dataDir = localDataFolder(process.env);
const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const lock = takePidLock(path.join(dataDir, 'start.lock'));
if (!lock.taken) {
  say(`Ordeal already runs here (pid ${lock.holder.pid}, data in ${dataDir}). This second start ends now.`);
  for (const [name, url] of Object.entries(lock.holder.details)) say(`  ${name.padEnd(16)}${String(url)}`);
  process.exit(1);
}

const running = runningServices();
const startedAt = performance.now();

await runUntilEnded({
  say,
  run: async (signal) => {
    say(`Starting Ordeal; data and logs are in ${dataDir}`);
    const stack = await startStack({
      dataDir,
      environment: process.env,
      prefersUsualPorts: true,
      say: (line) => say(`  ${line}`),
      signal,
      running,
    });
    lock.update(urls(stack));
    // `ordeal` finds the running stack by this file, so that its next command needs no exports.
    fs.writeFileSync(cliSettingsFile(dataDir), JSON.stringify({ url: stack.apiUrl, apiKey: stack.tenant.apiKey }), { mode: 0o600 });
    announce(stack);
    // From here on the event loop is kept by the children; only a signal ends this.
    return new Promise<number>(() => undefined);
  },
  end: async () => {
    await running.stop();
    lock.release();
  },
});

function urls(stack: Stack): Record<string, string> {
  return {
    API: `${stack.apiUrl}/api`,
    'Swagger UI': `${stack.apiUrl}/documentation`,
    ...(stack.temporalUiUrl === null ? {} : { 'Temporal Web UI': stack.temporalUiUrl }),
  };
}

function announce(stack: Stack): void {
  say('');
  say(`Ordeal is up (${((performance.now() - startedAt) / 1000).toFixed(1)} s).`);
  say('');
  for (const [name, url] of Object.entries(urls(stack))) say(`  ${name.padEnd(18)}${url}`);
  say('');
  if (stack.isNewTenant) {
    say('  Your API key, printed this once (the `ordeal` command of this checkout finds a copy that only you can read):');
    say('');
    say(`    export ORDEAL_URL=${stack.apiUrl}`);
    say(`    export ORDEAL_API_KEY=${stack.tenant.apiKey}`);
  } else {
    say(`  The API key was printed at the first start; it is kept in ${cliSettingsFile(dataDir)}.`);
  }
  say('');
  say('  Next, in another terminal:');
  say('');
  say(`    npx ordeal run --target ${stack.tenant.targets.careless.targetId}`);
  say('');
  say('  Ctrl+C ends everything.');
}
