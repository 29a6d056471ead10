import { setTimeout as sleep } from 'node:timers/promises';
import { takePidLock } from './pid-lock.mjs';
import { say } from './progress.mjs';

/** Runs `work` while no other set-up that uses the same lock file runs; waits for the other one, and says so. */
export async function exclusively(lockFile, work) {
  let lock = takePidLock(lockFile);
  if (!lock.taken) say(`another set-up (pid ${lock.holder.pid}) is at work; waiting for it …`);
  while (!lock.taken) {
    await sleep(250);
    lock = takePidLock(lockFile);
  }
  const held = lock;
  const release = () => held.release();
  process.once('exit', release);
  try {
    return await work();
  } finally {
    process.removeListener('exit', release);
    release();
  }
}
