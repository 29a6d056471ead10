import fs from 'node:fs';
import path from 'node:path';

/**
 * When the process began, as the kernel counts it, or `null` where that cannot be read. Together with the pid it names
 * one process for ever: pids alone are used again, in containers within seconds.
 * @param {number} pid
 * @returns {string | null}
 */
export function processStartTime(pid) {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command name may contain spaces and brackets, so count fields behind its closing bracket.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}

/**
 * Whether that very process is still alive; a zombie that nobody has reaped counts as dead.
 * @param {number} pid
 * @param {string | null} startTime
 */
export function isProcessAlive(pid, startTime) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (error.code !== 'EPERM') return false;
  }
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    if (stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z')) return false;
  } catch {
    return true;
  }
  return startTime === null || processStartTime(pid) === startTime;
}

/**
 * Takes the lock file for this process, or says who holds it. A lock whose holder is dead is taken over.
 * @param {string} file
 * @param {Record<string, unknown>} [details] kept in the file for whoever finds the lock taken
 */
export function takePidLock(file, details = {}) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const own = { pid: process.pid, startTime: processStartTime(process.pid), details };
  const draft = `${file}.${process.pid}.draft`;
  const write = (content) => fs.writeFileSync(draft, JSON.stringify(content), { mode: 0o600 });
  const lock = {
    taken: true,
    update(newDetails) {
      write({ ...own, details: newDetails });
      fs.renameSync(draft, file);
    },
    release() {
      const holder = readHolder(file);
      if (holder?.pid === own.pid && holder.startTime === own.startTime) fs.rmSync(file, { force: true });
    },
  };
  for (;;) {
    write(own);
    try {
      // A hard link appears whole or not at all, and fails when the name is taken.
      fs.linkSync(draft, file);
      return lock;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    } finally {
      fs.rmSync(draft, { force: true });
    }
    const holder = readHolder(file);
    if (holder !== null && isProcessAlive(holder.pid, holder.startTime)) {
      return { taken: false, holder: { pid: holder.pid, details: holder.details ?? {} } };
    }
    removeStale(file, holder);
  }
}

/** Moves the stale lock away before deleting it, and puts it back when somebody else's fresh lock was caught. */
function removeStale(file, stale) {
  const aside = `${file}.${process.pid}.stale`;
  try {
    fs.renameSync(file, aside);
  } catch {
    return;
  }
  const caught = readHolder(aside);
  if (caught !== null && (caught.pid !== stale?.pid || caught.startTime !== stale.startTime)) {
    try {
      fs.linkSync(aside, file);
    } catch {
      // A third process has the lock by now; the one we caught finds that out when it looks.
    }
  }
  fs.rmSync(aside, { force: true });
}

function readHolder(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}
