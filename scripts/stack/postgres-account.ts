import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

/** How to run PostgreSQL's programs, which refuse to run as root. */
export interface PostgresAccount {
  /** Owner of the data folder, when we are root. */
  readonly owner: { readonly uid: number; readonly gid: number } | null;
  /** The command line that runs a program under that account. */
  readonly wrap: (command: string, args: readonly string[]) => { readonly command: string; readonly args: readonly string[] };
  /** Set where the operating system's own switch of accounts is enough. */
  readonly spawnAs: { readonly uid: number; readonly gid: number } | null;
}

/**
 * Chooses the account for PostgreSQL: our own, or, when we are root, `postgres` where it exists and `nobody` otherwise. Where
 * that account may not enter the folders (a checkout under `/root`, say), it is given the one capability to do so.
 */
export function choosePostgresAccount({ folders, initdb }: { folders: readonly string[]; initdb: string }): PostgresAccount {
  const asIs = (command: string, args: readonly string[]) => ({ command, args });
  if (process.getuid?.() !== 0) return { owner: null, wrap: asIs, spawnAs: null };
  const owner = findAccount();
  if (folders.every((each) => canEnter(each, owner))) return { owner, wrap: asIs, spawnAs: owner };
  const prefix = [
    `--reuid=${owner.uid}`,
    `--regid=${owner.gid}`,
    '--clear-groups',
    '--no-new-privs',
    // Without it access(2), by which PostgreSQL looks at its programs, would ignore the capability.
    '--securebits=+no_setuid_fixup',
    '--inh-caps=+dac_override',
    '--ambient-caps=+dac_override',
    '--',
  ];
  const tried = spawnSync('setpriv', [...prefix, initdb, '--version'], { encoding: 'utf8' });
  if (tried.status !== 0 || tried.stderr !== '') {
    throw new Error(
      `PostgreSQL does not run as root, and the account with uid ${owner.uid} may not enter ${folders.join(' or ')}. ` +
        'Run as another user, move the checkout to a folder that everybody may enter, or set DATABASE_URL and DATABASE_ADMIN_URL.',
    );
  }
  return { owner, wrap: (command, args) => ({ command: 'setpriv', args: [...prefix, command, ...args] }), spawnAs: null };
}

function findAccount(): { uid: number; gid: number } {
  const accounts = fs.readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const name of ['postgres', 'nobody']) {
    const [, , uid, gid] = accounts.find((line) => line.startsWith(`${name}:`))?.split(':') ?? [];
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new Error('PostgreSQL does not run as root, and there is neither an account "postgres" nor "nobody": run as another user');
}

function canEnter(folder: string, { uid, gid }: { uid: number; gid: number }): boolean {
  for (let current = path.resolve(folder); ; current = path.dirname(current)) {
    const stat = fs.statSync(current);
    const foreignBits = stat.gid === gid ? stat.mode >> 3 : stat.mode;
    const bits = stat.uid === uid ? stat.mode >> 6 : foreignBits;
    if ((bits & 1) === 0) return false;
    if (current === path.dirname(current)) return true;
  }
}
