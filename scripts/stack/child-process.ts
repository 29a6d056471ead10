import { type ChildProcess, spawn } from 'node:child_process';
import readline from 'node:readline';
import type { LogSink } from './log-file.ts';
import { unwatchProcess, watchProcess } from './watchdog.ts';

export interface ChildOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Run as this account; only root can. */
  readonly account?: { readonly uid: number; readonly gid: number };
  readonly log: LogSink;
  /** What asks it to end in order. Default `SIGTERM`. */
  readonly stopSignal?: 'SIGTERM' | 'SIGINT';
  /** How long it may take to end before `SIGKILL`. Default 10 s. */
  readonly stopTimeoutMs?: number;
}

export interface ChildExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ManagedChild {
  readonly name: string;
  readonly pid: number;
  /** Settles when the process has ended and its output has been read; never rejects. */
  readonly exited: Promise<ChildExit>;
  /** The last lines of its output, for an error message. */
  readonly lastLines: readonly string[];
  readonly isAlive: () => boolean;
  /** Resolves with the first line that matches; rejects when the process ends or the time is over before that. */
  readonly waitForLine: (pattern: RegExp, timeoutMs: number) => Promise<string>;
  /** Asks it to end, then kills it when it does not. Resolves when it is gone. */
  readonly stop: () => Promise<ChildExit>;
  /** Kills it as a crash would. Resolves when it is gone. */
  readonly kill9: () => Promise<ChildExit>;
}

const keptLines = 40;

/**
 * Starts a child that cannot outlive us: it leads its own process group, so that a Ctrl+C in the terminal reaches us alone
 * and we end things in order, and the watchdog ends it when we are killed.
 */
export async function startChild(options: ChildOptions): Promise<ManagedChild> {
  const child = spawn(options.command, [...options.args], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: options.env ?? process.env,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...options.account,
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (cause) => reject(new Error(`${options.name} could not be started: ${cause.message}`, { cause })));
  });
  const pid = child.pid;
  if (pid === undefined) throw new Error(`${options.name} could not be started`);
  const stopSignal = options.stopSignal ?? 'SIGTERM';
  watchProcess(pid, stopSignal);
  const output = readOutput(child, options.log);
  const exited = new Promise<ChildExit>((resolve) => {
    child.once('exit', () => unwatchProcess(pid));
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  const isAlive = (): boolean => child.exitCode === null && child.signalCode === null;
  const end = async (signal: NodeJS.Signals, timeoutMs: number): Promise<ChildExit> => {
    if (isAlive()) signalGroup(pid, signal);
    const timer = setTimeout(() => signalGroup(pid, 'SIGKILL'), timeoutMs);
    try {
      return await exited;
    } finally {
      clearTimeout(timer);
    }
  };
  return {
    name: options.name,
    pid,
    exited,
    lastLines: output.lastLines,
    isAlive,
    waitForLine: (pattern, timeoutMs) => output.waitFor(pattern, { timeoutMs, exited, name: options.name }),
    stop: () => end(stopSignal, options.stopTimeoutMs ?? 10_000),
    kill9: () => end('SIGKILL', 1_000),
  };
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // It has ended in the meantime.
  }
}

interface LineWait {
  readonly timeoutMs: number;
  readonly exited: Promise<ChildExit>;
  readonly name: string;
}

function readOutput(child: ChildProcess, log: LogSink) {
  const lastLines: string[] = [];
  const listeners = new Set<LogSink>();
  const take = (line: string): void => {
    log(line);
    lastLines.push(line);
    if (lastLines.length > keptLines) lastLines.shift();
    for (const listener of listeners) listener(line);
  };
  for (const stream of [child.stdout, child.stderr]) {
    if (stream !== null) readline.createInterface({ input: stream }).on('line', take);
  }
  const waitFor = async (pattern: RegExp, wait: LineWait): Promise<string> => {
    const seen = lastLines.find((line) => pattern.test(line));
    if (seen !== undefined) return seen;
    const found = Promise.withResolvers<string>();
    const listener = (line: string): void => {
      if (pattern.test(line)) found.resolve(line);
    };
    listeners.add(listener);
    const tail = (): string => lastLines.slice(-12).join('\n  ');
    void wait.exited.then(({ code, signal }) => {
      found.reject(new Error(`${wait.name} ended with ${signal ?? `code ${code}`}:\n  ${tail()}`));
    });
    const timer = setTimeout(() => {
      found.reject(new Error(`${wait.name} was not ready after ${wait.timeoutMs / 1000} s:\n  ${tail()}`));
    }, wait.timeoutMs);
    try {
      return await found.promise;
    } finally {
      clearTimeout(timer);
      listeners.delete(listener);
    }
  };
  return { lastLines, waitFor };
}
