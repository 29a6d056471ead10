import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { type ManagedChild, startChild } from './child-process.ts';
import { assertPortIsFree, findFreePort, isListenedTo } from './free-port.ts';
import type { LogSink } from './log-file.ts';
import { type RestartableServer, servingOrEnded, startRestartable } from './restartable-server.ts';

export interface TemporalServerOptions {
  readonly cliPath: string;
  /** SQLite file with everything the server knows. Its schema is made once: use one file per version of the CLI. */
  readonly dbFile: string;
  /** Default: any free one. */
  readonly port?: number;
  /** Of the Web UI. Default: any free one. */
  readonly uiPort?: number;
  /** Without the Web UI. */
  readonly headless?: boolean;
  /** Further dynamic configuration of the server. */
  readonly dynamicConfig?: Readonly<Record<string, unknown>>;
  readonly log: LogSink;
}

export interface RunningTemporalServer extends RestartableServer {
  /** host:port of the gRPC front end. */
  readonly address: string;
  readonly uiUrl: string | null;
}

const startTimeoutMs = 60_000;
const retentionDays = 30;

/** What the server needs to be told before version 1.32, and what suits a small one. */
const usualConfig = {
  'system.enableActivityEagerExecution': true,
  'matching.useNewMatcher': true,
  'matching.enableFairness': true,
  'matching.numTaskqueueReadPartitions': 1,
  'matching.numTaskqueueWritePartitions': 1,
  // Of one execution. A run hands over to the next one long before: see `shouldHandOver`.
  'history.maximumSignalsPerExecution': 1_500,
};

/** Starts Temporal's development server on the loopback interface and returns when it serves. */
export async function startTemporalServer(options: TemporalServerOptions): Promise<RunningTemporalServer> {
  fs.mkdirSync(path.dirname(options.dbFile), { recursive: true });
  const port = options.port ?? (await findFreePort());
  const uiPort = options.headless === true ? null : (options.uiPort ?? (await findFreePort()));
  const address = `127.0.0.1:${port}`;
  const args = commandLine({ ...options, port, uiPort, dynamicConfig: { ...usualConfig, ...options.dynamicConfig } });
  const start = async (): Promise<ManagedChild> => {
    // Otherwise the server that has the port would be taken for ours.
    await assertPortIsFree(port, 'Temporal');
    const server = await startChild({ name: 'temporal', command: options.cliPath, args, log: options.log });
    return servingOrEnded(server, () => waitUntilServing(server, address));
  };
  return startRestartable(start, { address, uiUrl: uiPort === null ? null : `http://127.0.0.1:${uiPort}` });
}

interface CommandLineOptions {
  readonly dbFile: string;
  readonly port: number;
  readonly uiPort: number | null;
  readonly dynamicConfig: Readonly<Record<string, unknown>>;
}

function commandLine(options: CommandLineOptions): string[] {
  return [
    'server',
    'start-dev',
    // The settings of whoever uses Temporal on this machine otherwise are none of ours.
    '--disable-config-file',
    '--disable-config-env',
    '--color=never',
    '--log-level=warn',
    '--ip=127.0.0.1',
    `--port=${options.port}`,
    ...(options.uiPort === null ? ['--headless'] : [`--ui-port=${options.uiPort}`]),
    `--db-filename=${options.dbFile}`,
    '--sqlite-pragma=journal_mode=wal',
    '--sqlite-pragma=synchronous=normal',
    ...Object.entries(options.dynamicConfig).map(([key, value]) => `--dynamic-config-value=${key}=${JSON.stringify(value)}`),
  ];
}

/** Waits for the front end and its namespace, and raises the retention of finished workflows from the 24 hours it begins with. */
async function waitUntilServing(server: ManagedChild, address: string): Promise<void> {
  const deadline = Date.now() + startTimeoutMs;
  for (;;) {
    if (!server.isAlive()) {
      await server.exited;
      throw new Error(`The Temporal server ended while starting:\n  ${server.lastLines.slice(-12).join('\n  ')}`);
    }
    try {
      // gRPC waits a second after a refused connection; so look first whether anybody listens.
      if (!(await isListenedTo(Number(address.split(':')[1])))) throw new Error(`nobody listens at ${address}`);
      const connection = await Connection.connect({ address, connectTimeout: 2_000 });
      try {
        await connection.withDeadline(Date.now() + 2_000, () =>
          connection.workflowService.updateNamespace({
            namespace: 'default',
            config: { workflowExecutionRetentionTtl: { seconds: retentionDays * 86_400 } as never },
          }),
        );
        return;
      } finally {
        await connection.close();
      }
    } catch (cause) {
      if (Date.now() > deadline) {
        throw new Error(`The Temporal server at ${address} did not serve within ${startTimeoutMs / 1000} s`, { cause });
      }
    }
    await sleep(30);
  }
}
