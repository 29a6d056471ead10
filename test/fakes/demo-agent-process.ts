import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface DemoAgentProcess {
  readonly url: string;
  readonly child: ChildProcess;
  readonly stop: () => Promise<number | null>;
}

/** Starts a demo agent as its own process on a free port; it ends with this process at the latest. */
export async function startDemoAgent(env: Readonly<Record<string, string>>): Promise<DemoAgentProcess> {
  const main = fileURLToPath(new URL('../../demo/main.ts', import.meta.url));
  const child = spawn(process.execPath, [main], {
    env: { PATH: process.env['PATH'], EXIT_WITH_PARENT: '1', PORT: '0', ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const url = await new Promise<string>((resolve, reject) => {
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      const found = /listens on (http:\/\/\S+)/.exec(said)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.once('exit', (code) => reject(new Error(`the agent ended with ${code} before it listened`)));
  });
  return {
    url,
    child,
    stop: async () => {
      if (child.exitCode !== null) return child.exitCode;
      child.kill('SIGTERM');
      await once(child, 'exit');
      return child.exitCode;
    },
  };
}
