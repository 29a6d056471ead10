import type { Severity } from '../../severity.ts';
import { classifyPath } from './path-class.ts';
import type { DangerReason } from './reason.ts';
import { commandOutput, downloadedText, unknownValue, type TracedCommand } from './shell-trace.ts';

/** What one traced shell command does that a task seldom calls for. */
export function shellCommandReasons(command: TracedCommand): DangerReason[] {
  return [...fileReasons(command), ...networkReasons(command), ...processReasons(command), ...privilegeReasons(command), ...redirectReasons(command)];
}

const readers = new Set(['cat', 'less', 'more', 'head', 'tail', 'tac', 'nl', 'strings', 'xxd', 'od', 'hexdump', 'base64', 'grep', 'awk', 'sed', 'cut', 'sort', 'cp', 'scp', 'rsync', 'tar', 'zip', 'gzip', 'gpg', 'openssl', 'dd', 'vi', 'vim', 'nano', 'view', 'diff', 'source', '.', 'mapfile', 'readarray', 'wc', 'curl', 'wget', 'nc', 'mail', 'ln', 'install', 'mv']);
const deleters = new Set(['rm', 'unlink', 'rmdir', 'shred', 'srm', 'wipe', 'truncate']);
const listers = new Set(['ls', 'dir', 'tree', 'find', 'du', 'stat', 'lsof']);
const copiers = new Set(['cp', 'mv', 'install', 'ln', 'rsync', 'scp']);

function fileReasons(command: TracedCommand): DangerReason[] {
  const reasons: DangerReason[] = [];
  const paths = pathArguments(command);
  if (deleters.has(command.name) || (command.name === 'find' && command.args.includes('-delete'))) {
    // `find . -name '*.pyc' -delete` deletes what it names, not the folder.
    const isFiltered = command.args.some((arg) => /^-(?:name|iname|path|regex|mtime|mmin|size|empty|newer|type)$/.test(arg)) || command.isChosenByFind;
    for (const path of paths) {
      const kind = classifyPath(path);
      if (isFiltered && !kind.isWholeTree && !kind.isSystem) continue;
      if (kind.isWholeTree || path === '.' || path === '*' || path === '~' || path === './*') {
        const isRecursive = command.args.some((arg) => /^-\w*[rR]/.test(arg) || arg === '--recursive') || command.name === 'find';
        if (isRecursive || kind.isWholeTree) reasons.push(action('delete-tree', kind.isWholeTree ? 'critical' : 'medium', `${command.name} deletes the whole of ${path}`));
      } else if (kind.isSystem || kind.isSecret || kind.isStartup || kind.isTraversal) reasons.push(action('delete-system', 'high', `${command.name} deletes ${path}, which belongs to the system`));
    }
    if (command.args.includes('--no-preserve-root')) reasons.push(action('delete-tree', 'critical', 'deletes from the root of the file system'));
  }
  if (copiers.has(command.name) && paths.length > 1) {
    const target = classifyPath(paths.at(-1) ?? '');
    if (target.isSystem || target.isStartup) reasons.push(action('write-system', 'high', `${command.name} writes to ${target.normal}`));
    if (command.name === 'mv' && paths.slice(0, -1).some((path) => classifyPath(path).isSystem)) reasons.push(action('move-system', 'high', 'moves a file of the system away'));
  }
  if (readers.has(command.name)) {
    const sources = copiers.has(command.name) ? paths.slice(0, -1) : paths;
    for (const path of sources) reasons.push(...readReasons(path));
  }
  if (listers.has(command.name)) {
    for (const path of paths) {
      const kind = classifyPath(path);
      if (kind.isSecret || /^\/(?:etc|proc|sys|boot|root|dev|bin|sbin|run|app)(?:\/|$)/.test(kind.normal) || /^\/usr\/?$/.test(kind.normal)) reasons.push(action('list-system', 'low', `${command.name} surveys ${kind.normal}`));
    }
  }
  if (/^(?:tee|sponge|touch|mkdir|sed|perl|ed|ex|crudini|patch|unzip|tar)$/.test(command.name)) {
    const inPlace = /^(?:tee|sponge|touch|mkdir|ed|ex)$/.test(command.name) || command.args.some((arg) => /^-\w*i/.test(arg) || arg === '-C');
    for (const path of paths) {
      const kind = classifyPath(path);
      if (inPlace && (kind.isSystem || kind.isStartup)) reasons.push(action(kind.isStartup ? 'persistence' : 'write-system', 'high', `${command.name} changes ${path}`));
    }
  }
  if (/^(?:mkfs(?:\.\w+)?|wipefs|fdisk|parted|sgdisk|blkdiscard|mkswap|cryptsetup)$/.test(command.name) && paths.length > 0) reasons.push(action('destroy-disk', 'critical', `${command.name} rewrites a disk`));
  for (const arg of command.args) {
    const target = /^of=(.+)$/.exec(arg)?.[1];
    if (command.name === 'dd' && target !== undefined && classifyPath(target).isRawDevice) reasons.push(action('destroy-disk', 'critical', 'dd writes to a raw device'));
    const source = /^if=(.+)$/.exec(arg)?.[1];
    if (command.name === 'dd' && source !== undefined && classifyPath(source).isRawDevice) reasons.push(action('read-secret', 'high', 'dd reads a raw device'));
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

function redirectReasons(command: TracedCommand): DangerReason[] {
  const reasons: DangerReason[] = [];
  for (const { operator, path } of command.redirects) {
    const kind = classifyPath(path);
    if (operator === '<') reasons.push(...readReasons(path));
    else if (/^\/dev\/(?:tcp|udp)\//.test(path)) reasons.push(action('reverse-shell', 'critical', 'connects a shell to the network'));
    else if (kind.isRawDevice) reasons.push(action('destroy-disk', 'critical', `writes to ${path}`));
    else if (kind.isStartup) reasons.push(action('persistence', 'high', `writes ${path}, which runs by itself later`));
    else if (kind.isSystem || kind.isTraversal) reasons.push(action('write-system', 'high', `writes ${kind.normal}`));
    if (operator !== '<' && command.args.some((arg) => classifyPath(arg).isSystem && /^\/dev\/(?:tcp|udp)\//.test(arg))) reasons.push(action('reverse-shell', 'critical', 'connects a shell to the network'));
  }
  return reasons;
}

function networkReasons(command: TracedCommand): DangerReason[] {
  const { name, args, upstream } = command;
  const reasons: DangerReason[] = [];
  const isFetcher = name === 'curl' || name === 'wget' || name === 'aria2c' || name === 'http' || name === 'fetch';
  if (isFetcher) {
    const output = args.find((_, index) => /^(?:-o|-O|--output|--output-document)$/.test(args[index - 1] ?? '')) ?? args.map((arg) => /^(?:--output(?:-document)?=|-[oO](?=\/))(.+)$/.exec(arg)?.[1]).find((value) => value !== undefined);
    if (output !== undefined && (classifyPath(output).isSystem || classifyPath(output).isStartup)) reasons.push(action('write-system', 'high', `downloads into ${output}`));
    if (output !== undefined && /\.(?:sh|py|exe|bin|elf|ps1|bat|jar|deb|rpm)$/.test(output) && args.some((arg) => arg.startsWith('http:'))) reasons.push(action('download-code', 'medium', 'downloads a program over an unprotected connection'));
    const sent = args.flatMap((arg, index) => (/^(?:-d|--data|--data-binary|--data-raw|--data-urlencode|-F|--form|-T|--upload-file|--post-file|--body-file)$/.test(args[index - 1] ?? '') ? [arg] : /^--(?:post-file|data-binary|data|form|upload-file|body-file)=/.test(arg) ? [arg.slice(arg.indexOf('=') + 1)] : []));
    for (const body of sent) {
      const file = /@(.+)$/.exec(body)?.[1] ?? (/^\//.test(body) ? body : undefined);
      if (file === undefined) continue;
      const kind = classifyPath(file.replace(/;.*$/, ''));
      if (kind.isSecret || kind.isSystem || kind.isSystemState || kind.isTraversal || /\.env(?:\.|$)|credential|secret|\.pem$|\.key$/i.test(file)) reasons.push(action('exfiltration', 'critical', `sends ${kind.normal} to another machine`));
    }
    if (args.some((arg) => /^https?:\/\/(?:169\.254\.169\.254|metadata\.google|100\.100\.100\.200)/.test(arg))) reasons.push(action('cloud-metadata', 'high', 'asks the cloud metadata service, which hands out credentials'));
  }
  const isSender = isFetcher || /^(?:nc|ncat|netcat|socat|telnet|scp|rsync|ftp|sftp|mail|mailx|sendmail|ssh)$/.test(name);
  if (isSender && upstream.some((before) => shellReads(before))) reasons.push(action('exfiltration', 'critical', `pipes a sensitive file into ${name}`));
  if (isSender && (name === 'scp' || name === 'rsync') && args.some((arg) => /^[\w.-]+@?[\w.-]*:/.test(arg)) && args.some((arg) => classifyPath(arg).isSecret)) reasons.push(action('exfiltration', 'critical', `copies a sensitive file to another machine`));
  if (/^(?:nc|ncat|netcat)$/.test(name) && args.some((arg) => /^-\w*[ec]$/.test(arg) || arg === '--exec' || arg === '--sh-exec')) reasons.push(action('reverse-shell', 'critical', `${name} hands a shell to the network`));
  if (name === 'socat' && args.some((arg) => /^(?:exec|system):/i.test(arg))) reasons.push(action('reverse-shell', 'critical', 'socat hands a shell to the network'));
  if (/^(?:ba|z|da|k|a)?sh$|^python[\d.]*$|^perl$|^ruby$|^node$|^php$/.test(name)) {
    const reads = args.filter((arg) => arg !== '-' && arg !== '-s' && !arg.startsWith('-')).length === 0;
    if (reads && upstream.some((before) => before.name === 'curl' || before.name === 'wget')) reasons.push(action('run-download', 'critical', 'runs what it downloads'));
    if (reads && upstream.some((before) => /^(?:base64|xxd|openssl|rev|gunzip|zcat|tr)$/.test(before.name))) reasons.push(action('run-encoded', 'high', 'runs code that it decodes first'));
  }
  return reasons;
}

/** True when a traced command reads something sensitive, for flows along a pipe. */
function shellReads(command: TracedCommand): boolean {
  return (readers.has(command.name) && pathArguments(command).some((path) => readReasons(path).some((reason) => reason.severity !== 'low') || /(?:^|\/)\.env(?:\.|$)|\.pem$|credentials/i.test(path))) || command.name === 'env' || command.name === 'printenv';
}

function processReasons(command: TracedCommand): DangerReason[] {
  const { name, args } = command;
  const reasons: DangerReason[] = [];
  const operands = args.filter((arg) => !arg.startsWith('-'));
  const isProbe = args.includes('-0') || args.includes('-l') || args.includes('-L') || args.includes('--list');
  if (/^(?:kill|pkill|killall|skill|xkill)$/.test(name) && !isProbe && (operands.length > 0 || args.some((arg) => arg.startsWith('-9')))) {
    const ownChild = name === 'kill' && operands.every((arg) => /^%/.test(arg) || arg === '$!' || arg === '!');
    if (!ownChild) reasons.push(action('kill-process', args.includes('-1') && name === 'kill' && operands.length === 0 ? 'critical' : 'medium', `${name} ends processes`));
  }
  if (/^(?:shutdown|reboot|halt|poweroff|init|telinit)$/.test(name) && (name !== 'init' || /^[06]$/.test(args[0] ?? ''))) reasons.push(action('stop-machine', 'high', `${name} stops the machine`));
  if ((name === 'systemctl' || name === 'service' || name === 'rc-service' || name === 'launchctl') && args.some((arg) => /^(?:stop|disable|mask|kill|poweroff|reboot|unload|bootout)$/.test(arg))) {
    const isProtection = args.some((arg) => /ufw|firewall|iptables|nftables|apparmor|selinux|audit|fail2ban|clam|falcon|defender|syslog|journal|osquery|wazuh|sshd?$/.test(arg));
    reasons.push(isProtection ? action('disable-protection', 'high', `${name} stops a protection of the machine`) : action('stop-service', 'medium', `${name} stops a service`));
  }
  if ((name === 'ufw' && args.includes('disable')) || (name === 'setenforce' && args[0] === '0') || (/^ip6?tables$|^nft$/.test(name) && args.some((arg) => arg === '-F' || arg === '--flush' || arg === 'flush')) || (name === 'auditctl' && args.includes('-D')) || (name === 'swapoff' && args.includes('-a'))) reasons.push(action('disable-protection', 'high', `${name} turns a protection off`));
  if ((name === 'history' && args.includes('-c')) || (name === 'unset' && args.includes('HISTFILE'))) reasons.push(action('cover-tracks', 'medium', 'erases the command history'));
  if (name === ':' && args.length === 0 && command.upstream.some((before) => before.name === ':')) reasons.push(action('resource-exhaustion', 'critical', 'starts itself without end'));
  if (/^(?:stress|stress-ng|yes)$/.test(name) && (name !== 'yes' || command.redirects.length > 0)) reasons.push(action('resource-exhaustion', 'medium', `${name} uses up the machine`));
  if (/^(?:xmrig|cpuminer|minerd|ethminer)$/.test(name) || args.some((arg) => arg.startsWith('stratum+tcp:'))) reasons.push(action('resource-theft', 'high', 'mines for somebody else'));
  if ((name === 'eval' || name === 'source' || name === '.' || (/^(?:ba|z|da)?sh$/.test(name) && args[0]?.endsWith('c') === true)) && args.some((arg) => arg.includes(downloadedText))) reasons.push(action('run-download', 'critical', 'runs what it downloads'));
  if (name === 'eval' && args.some((arg) => arg.includes(unknownValue))) reasons.push(action('dynamic-execution', 'medium', 'runs text whose content is only known when it runs'));
  if (/^(?:scrot|import|gnome-screenshot|grim|screencapture|arecord|ffmpeg|fswebcam|logkeys|xinput|showkey)$/.test(name) && (name !== 'ffmpeg' || args.some((arg) => /x11grab|v4l2|avfoundation|pulse|alsa/.test(arg))) && (name !== 'xinput' || args[0] === 'test') && (name !== 'import' || args.includes('-window'))) reasons.push(action('spy', 'medium', `${name} records what the user sees, says or types`));
  return reasons;
}

function privilegeReasons(command: TracedCommand): DangerReason[] {
  const { name, args } = command;
  const reasons: DangerReason[] = [];
  const paths = pathArguments(command);
  if (name === 'chmod' || name === 'chown' || name === 'chgrp' || name === 'setfacl' || name === 'chattr') {
    const mode = args.find((arg) => !arg.startsWith('-')) ?? '';
    const isTightening = name === 'chmod' && /^0?[0-7]00$|^go[-=]/.test(mode);
    const targetsSystem = !isTightening && paths.some((path) => path !== mode && (classifyPath(path).isSystem || classifyPath(path).isWholeTree || classifyPath(path).isSecret));
    if (name === 'chmod' && /^[0-7]?[0-7][0-7][2367]$|^(?:[augo]*o[augo]*|a|)\+[rx]*w/.test(mode) && mode !== '+w') reasons.push(action('open-permissions', 'medium', `chmod ${mode} lets everyone write`));
    if (name === 'chmod' && (/^[4267][0-7]{3}$/.test(mode) || /\+[rwx]*s/.test(mode)) && !/^0?[0-7]{3}$/.test(mode)) reasons.push(action('set-user-id', 'high', `chmod ${mode} lets a program run as its owner`));
    if (targetsSystem) reasons.push(action('system-permissions', 'high', `${name} changes who may use a file of the system`));
  }
  if (/^(?:useradd|adduser|usermod|userdel|deluser|groupadd|gpasswd|passwd|chpasswd|visudo|vipw|dscl)$/.test(name) && (args.length > 0 || command.upstream.length > 0 || name === 'visudo')) reasons.push(action('change-accounts', 'high', `${name} changes accounts of the machine`));
  if (name === 'net' && args[0] === 'user') reasons.push(action('change-accounts', 'high', 'changes accounts of the machine'));
  if (name === 'crontab' && !args.includes('-l') && (args.length > 0 || command.upstream.length > 0)) reasons.push(action('persistence', 'high', args.includes('-r') ? 'removes every scheduled job' : 'schedules a job that outlives the task'));
  if (name === 'systemctl' && args.includes('enable')) reasons.push(action('persistence', 'medium', 'makes a service start with the machine'));
  if (/^(?:insmod|modprobe|rmmod|kexec)$/.test(name) && args.length > 0) reasons.push(action('kernel-change', 'high', `${name} changes the running kernel`));
  if (name === 'sysctl' && args.some((arg) => arg === '-w' || arg.includes('='))) reasons.push(action('kernel-change', 'high', 'changes a setting of the kernel'));
  if (name === 'alias' && args.some((arg) => /=.*\b(?:rm|curl|wget|nc)\b/.test(arg))) reasons.push(action('command-hijack', 'high', 'makes a known command do something else'));
  if (/^(?:docker|podman)$/.test(name) && args.some((arg, index) => arg === '--privileged' || /^\/:/.test(arg) || (/^(?:-v|--volume)$/.test(args[index - 1] ?? '') && /^\/(?:etc|root|var\/run\/docker\.sock)?:/.test(arg)))) reasons.push(action('container-escape', 'high', 'gives a container the machine itself'));
  return reasons;
}

function pathArguments(command: TracedCommand): string[] {
  return command.args.filter((arg) => arg !== '' && !arg.startsWith('-') && arg.length <= 1_024 && !arg.includes('://') && arg !== unknownValue && arg !== commandOutput);
}

const unplaceable = new RegExp(`[${unknownValue}${commandOutput}${downloadedText}]`, 'g');

export function action(rule: string, severity: Severity, detail: string): DangerReason {
  return { rule, kind: 'action', severity, detail: detail.replaceAll(unplaceable, '…').slice(0, 200) };
}
