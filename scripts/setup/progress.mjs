import { spawn } from 'node:child_process';

const tickMs = 10_000;

/** One line on standard error, so that the output of what runs afterwards stays clean. */
export function say(line) {
  process.stderr.write(`[setup] ${line}\n`);
}

/** Runs slow work and says so: when it begins, every ten seconds while it lasts, and how long it took. */
export async function withProgress(what, work) {
  const startedAt = Date.now();
  const short = what.split(' (')[0];
  const seconds = () => ((Date.now() - startedAt) / 1000).toFixed(1);
  say(`${what} …`);
  const ticker = setInterval(() => say(`still ${short} (${Math.round((Date.now() - startedAt) / 1000)} s) …`), tickMs);
  try {
    const result = await work();
    say(`done: ${what} (${seconds()} s)`);
    return result;
  } catch (error) {
    say(`failed after ${seconds()} s: ${what}`);
    throw error;
  } finally {
    clearInterval(ticker);
  }
}

/** Runs a program to its end and returns what it printed; throws with the end of its output when it fails. */
export function runProgram(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const collect = (chunk) => {
      output = (output + chunk).slice(-20_000);
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    const stopChild = () => child.kill('SIGTERM');
    process.once('exit', stopChild);
    child.on('error', (error) => {
      process.removeListener('exit', stopChild);
      reject(error);
    });
    child.on('close', (code, signal) => {
      process.removeListener('exit', stopChild);
      if (code === 0) return resolve(output);
      const tail = output.trim().split('\n').slice(-15).join('\n');
      reject(new Error(`${command} ${args.join(' ')} ended with ${signal ?? `code ${code}`}:\n${tail}`));
    });
  });
}
