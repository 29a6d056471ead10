import fs from 'node:fs';

export interface ProcessEntry {
  readonly pid: number;
  readonly parentPid: number;
  /** In clock ticks since the machine started. */
  readonly startedAt: number;
  /** It has ended, and only its exit code is still there to be read. */
  readonly isZombie: boolean;
  readonly command: string;
}

/** Every process of the machine, from /proc; none where there is no /proc. */
export function listProcesses(): ProcessEntry[] {
  if (!fs.existsSync('/proc/self/stat')) return [];
  return fs
    .readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => readProcess(Number(pid)) ?? []);
}

function readProcess(pid: number): ProcessEntry | undefined {
  try {
    const command = fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    return parseStat(fs.readFileSync(`/proc/${pid}/stat`, 'utf8'), command);
  } catch {
    // It has ended since the folder was read.
    return undefined;
  }
}

/** Fields of `proc_pid_stat(5)`. The name of the program, in parentheses, may itself hold blanks and parentheses. */
export function parseStat(stat: string, command: string): ProcessEntry | undefined {
  const end = stat.lastIndexOf(')');
  const [state, parentPid, ...rest] = stat.slice(end + 2).split(' ');
  const startedAt = rest[17];
  if (state === undefined || parentPid === undefined || startedAt === undefined) return undefined;
  const name = stat.slice(stat.indexOf('(') + 1, end);
  return {
    pid: Number.parseInt(stat, 10),
    parentPid: Number(parentPid),
    startedAt: Number(startedAt),
    isZombie: state === 'Z' || state === 'X',
    command: command === '' ? `[${name}]` : command,
  };
}
