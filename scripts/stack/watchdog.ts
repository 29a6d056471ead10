import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { processStartTime } from '../setup/pid-lock.mjs';

let watchdog: ChildProcess | null = null;

/** Makes sure that the process ends soon after this one does, also when this one is killed with -9. */
export function watchProcess(pid: number, signal: 'SIGTERM' | 'SIGINT'): void {
  tell(['add', pid, processStartTime(pid), signal]);
}

/** The process has ended: its pid may now belong to somebody else. */
export function unwatchProcess(pid: number): void {
  tell(['drop', pid]);
}

/** Has the folder removed when this process is gone, after the watched processes have ended. */
export function removeFolderAtEnd(folder: string): void {
  tell(['remove-folder', folder]);
}

/**
 * Sends a command to the watchdog, which is started with the first one. Its standard input is a pipe that only we hold:
 * the kernel closes it whichever way we end.
 */
function tell(command: readonly unknown[]): void {
  if (watchdog === null) {
    const file = fileURLToPath(new URL('./watchdog-process.ts', import.meta.url));
    // Its own session, so that neither Ctrl+C nor a signal to our process group reaches it.
    watchdog = spawn(process.execPath, [file], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
    watchdog.unref();
    // An unhandled EPIPE would end us because our safety net is gone.
    watchdog.stdin?.on('error', () => undefined);
    watchdog.once('exit', () => {
      watchdog = null;
    });
  }
  watchdog.stdin?.write(`${JSON.stringify(command)}\n`);
}
