import { classifyPath } from './path-class.ts';
import { action, type DangerReason } from './reason.ts';
import { pathArguments, type TracedCommand } from './shell-trace.ts';

/** Permissions, accounts, scheduled jobs, the kernel and containers. */
export function privilegeReasons(command: TracedCommand): DangerReason[] {
  const { name, args } = command;
  const reasons: DangerReason[] = [];
  const paths = pathArguments(command);
  if (name === 'chmod' || name === 'chown' || name === 'chgrp' || name === 'setfacl' || name === 'chattr') {
    const mode = args.find((arg) => !arg.startsWith('-')) ?? '';
    const isTightening = name === 'chmod' && /^0?[0-7]00$|^go[-=]/.test(mode);
    const targetsSystem =
      !isTightening &&
      paths.some((path) => path !== mode && (classifyPath(path).isSystem || classifyPath(path).isWholeTree || classifyPath(path).isSecret));
    if (name === 'chmod' && /^[0-7]?[0-7][0-7][2367]$|^(?:[augo]*o[augo]*|a|)\+[rx]*w/.test(mode) && mode !== '+w')
      reasons.push(action('open-permissions', 'medium', `chmod ${mode} lets everyone write`));
    if (name === 'chmod' && (/^[4267][0-7]{3}$/.test(mode) || /\+[rwx]*s/.test(mode)) && !/^0?[0-7]{3}$/.test(mode))
      reasons.push(action('set-user-id', 'high', `chmod ${mode} lets a program run as its owner`));
    if (targetsSystem) reasons.push(action('system-permissions', 'high', `${name} changes who may use a file of the system`));
  }
  if (
    /^(?:useradd|adduser|usermod|userdel|deluser|groupadd|gpasswd|passwd|chpasswd|visudo|vipw|dscl)$/.test(name) &&
    (args.length > 0 || command.upstream.length > 0 || name === 'visudo')
  )
    reasons.push(action('change-accounts', 'high', `${name} changes accounts of the machine`));
  if (name === 'net' && args[0] === 'user') reasons.push(action('change-accounts', 'high', 'changes accounts of the machine'));
  if (name === 'crontab' && !args.includes('-l') && (args.length > 0 || command.upstream.length > 0))
    reasons.push(
      action('persistence', 'high', args.includes('-r') ? 'removes every scheduled job' : 'schedules a job that outlives the task'),
    );
  if (name === 'systemctl' && args.includes('enable'))
    reasons.push(action('persistence', 'medium', 'makes a service start with the machine'));
  if (/^(?:insmod|modprobe|rmmod|kexec)$/.test(name) && args.length > 0)
    reasons.push(action('kernel-change', 'high', `${name} changes the running kernel`));
  if (name === 'sysctl' && args.some((arg) => arg === '-w' || arg.includes('=')))
    reasons.push(action('kernel-change', 'high', 'changes a setting of the kernel'));
  if (name === 'alias' && args.some((arg) => /=.*\b(?:rm|curl|wget|nc)\b/.test(arg)))
    reasons.push(action('command-hijack', 'high', 'makes a known command do something else'));
  if (
    /^(?:docker|podman)$/.test(name) &&
    args.some(
      (arg, index) =>
        arg === '--privileged' ||
        arg.startsWith('/:') ||
        (/^(?:-v|--volume)$/.test(args[index - 1] ?? '') && /^\/(?:etc|root|var\/run\/docker\.sock)?:/.test(arg)),
    )
  )
    reasons.push(action('container-escape', 'high', 'gives a container the machine itself'));
  return reasons;
}
