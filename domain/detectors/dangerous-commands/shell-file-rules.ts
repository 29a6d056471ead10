import { classifyPath } from './path-class.ts';
import { action, type DangerReason } from './reason.ts';
import { pathArguments, type TracedCommand } from './shell-trace.ts';

export const fileReaders = new Set([
  'cat',
  'less',
  'more',
  'head',
  'tail',
  'tac',
  'nl',
  'strings',
  'xxd',
  'od',
  'hexdump',
  'base64',
  'grep',
  'awk',
  'sed',
  'cut',
  'sort',
  'cp',
  'scp',
  'rsync',
  'tar',
  'zip',
  'gzip',
  'gpg',
  'openssl',
  'dd',
  'vi',
  'vim',
  'nano',
  'view',
  'diff',
  'source',
  '.',
  'mapfile',
  'readarray',
  'wc',
  'curl',
  'wget',
  'nc',
  'mail',
  'ln',
  'install',
  'mv',
]);
const deleters = new Set(['rm', 'unlink', 'rmdir', 'shred', 'srm', 'wipe', 'truncate']);
const listers = new Set(['ls', 'dir', 'tree', 'find', 'du', 'stat', 'lsof']);
const copiers = new Set(['cp', 'mv', 'install', 'ln', 'rsync', 'scp']);

export function fileReasons(command: TracedCommand): DangerReason[] {
  const reasons: DangerReason[] = [];
  const paths = pathArguments(command);
  if (deleters.has(command.name) || (command.name === 'find' && command.args.includes('-delete'))) {
    // `find . -name '*.pyc' -delete` deletes what it names, not the folder.
    const isFiltered =
      command.args.some((arg) => /^-(?:name|iname|path|regex|mtime|mmin|size|empty|newer|type)$/.test(arg)) || command.isChosenByFind;
    for (const path of paths) {
      const kind = classifyPath(path);
      if (isFiltered && !kind.isWholeTree && !kind.isSystem) continue;
      if (kind.isWholeTree || path === '.' || path === '*' || path === '~' || path === './*') {
        const isRecursive = command.args.some((arg) => /^-\w*[rR]/.test(arg) || arg === '--recursive') || command.name === 'find';
        if (isRecursive || kind.isWholeTree)
          reasons.push(action('delete-tree', kind.isWholeTree ? 'critical' : 'medium', `${command.name} deletes the whole of ${path}`));
      } else if (kind.isSystem || kind.isSecret || kind.isStartup || kind.isTraversal)
        reasons.push(action('delete-system', 'high', `${command.name} deletes ${path}, which belongs to the system`));
    }
    if (command.args.includes('--no-preserve-root'))
      reasons.push(action('delete-tree', 'critical', 'deletes from the root of the file system'));
  }
  if (copiers.has(command.name) && paths.length > 1) {
    const target = classifyPath(paths.at(-1) ?? '');
    if (target.isSystem || target.isStartup) reasons.push(action('write-system', 'high', `${command.name} writes to ${target.normal}`));
    if (command.name === 'mv' && paths.slice(0, -1).some((path) => classifyPath(path).isSystem))
      reasons.push(action('move-system', 'high', 'moves a file of the system away'));
  }
  if (fileReaders.has(command.name)) {
    const sources = copiers.has(command.name) ? paths.slice(0, -1) : paths;
    for (const path of sources) reasons.push(...readReasons(path));
  }
  if (listers.has(command.name)) {
    for (const path of paths) {
      const kind = classifyPath(path);
      if (kind.isSecret || /^\/(?:etc|proc|sys|boot|root|dev|bin|sbin|run|app)(?:\/|$)/.test(kind.normal) || /^\/usr\/?$/.test(kind.normal))
        reasons.push(action('list-system', 'low', `${command.name} surveys ${kind.normal}`));
    }
  }
  if (/^(?:tee|sponge|touch|mkdir|sed|perl|ed|ex|crudini|patch|unzip|tar)$/.test(command.name)) {
    const inPlace =
      /^(?:tee|sponge|touch|mkdir|ed|ex)$/.test(command.name) || command.args.some((arg) => /^-\w*i/.test(arg) || arg === '-C');
    for (const path of paths) {
      const kind = classifyPath(path);
      if (inPlace && (kind.isSystem || kind.isStartup))
        reasons.push(action(kind.isStartup ? 'persistence' : 'write-system', 'high', `${command.name} changes ${path}`));
    }
  }
  if (/^(?:mkfs(?:\.\w+)?|wipefs|fdisk|parted|sgdisk|blkdiscard|mkswap|cryptsetup)$/.test(command.name) && paths.length > 0)
    reasons.push(action('destroy-disk', 'critical', `${command.name} rewrites a disk`));
  for (const arg of command.args) {
    const target = /^of=(.+)$/.exec(arg)?.[1];
    if (command.name === 'dd' && target !== undefined && classifyPath(target).isRawDevice)
      reasons.push(action('destroy-disk', 'critical', 'dd writes to a raw device'));
    const source = /^if=(.+)$/.exec(arg)?.[1];
    if (command.name === 'dd' && source !== undefined && classifyPath(source).isRawDevice)
      reasons.push(action('read-secret', 'high', 'dd reads a raw device'));
  }
  return reasons;
}

/** Why reading this path is a danger. */
export function readReasons(path: string): DangerReason[] {
  const kind = classifyPath(path);
  if (kind.isSecret) return [action('read-secret', 'high', `reads ${kind.normal}, which holds credentials or accounts`)];
  if (kind.isTraversal) return [action('path-traversal', 'high', `leaves its folder with .. and reads ${kind.normal}`)];
  if (kind.isSystemState) return [action('read-system', 'low', `reads ${kind.normal}, configuration or state of the system`)];
  return [];
}

/** Bash connects where it is asked to open one of these. */
const networkDevice = /^\/dev\/(?:tcp|udp)\//;

export function redirectReasons(command: TracedCommand): DangerReason[] {
  const reasons: DangerReason[] = [];
  // Asked once: a hostile command has thousands of both.
  const namesNetwork = command.redirects.length > 0 && command.args.some((arg) => networkDevice.test(arg) && classifyPath(arg).isSystem);
  for (const { operator, path } of command.redirects) {
    const kind = classifyPath(path);
    if (operator === '<') reasons.push(...readReasons(path));
    else if (networkDevice.test(path)) reasons.push(action('reverse-shell', 'critical', 'connects a shell to the network'));
    else if (kind.isRawDevice) reasons.push(action('destroy-disk', 'critical', `writes to ${path}`));
    else if (kind.isStartup) reasons.push(action('persistence', 'high', `writes ${path}, which runs by itself later`));
    else if (kind.isSystem || kind.isTraversal) reasons.push(action('write-system', 'high', `writes ${kind.normal}`));
    if (operator !== '<' && namesNetwork) reasons.push(action('reverse-shell', 'critical', 'connects a shell to the network'));
  }
  return reasons;
}
