import { action, downloadedText, unknownValue, type DangerReason } from './reason.ts';
import type { TracedCommand } from './shell-trace.ts';

/** Processes, services, protections and resources of the machine. */
export function processReasons(command: TracedCommand): DangerReason[] {
  const { name, args } = command;
  const reasons: DangerReason[] = [];
  const operands = args.filter((arg) => !arg.startsWith('-'));
  const isProbe = args.includes('-0') || args.includes('-l') || args.includes('-L') || args.includes('--list');
  if (/^(?:kill|pkill|killall|skill|xkill)$/.test(name) && !isProbe && (operands.length > 0 || args.some((arg) => arg.startsWith('-9')))) {
    const ownChild = name === 'kill' && operands.every((arg) => arg.startsWith('%') || arg === '$!' || arg === '!');
    if (!ownChild)
      reasons.push(
        action(
          'kill-process',
          args.includes('-1') && name === 'kill' && operands.length === 0 ? 'critical' : 'medium',
          `${name} ends processes`,
        ),
      );
  }
  if (/^(?:shutdown|reboot|halt|poweroff|init|telinit)$/.test(name) && (name !== 'init' || /^[06]$/.test(args[0] ?? '')))
    reasons.push(action('stop-machine', 'high', `${name} stops the machine`));
  if (
    (name === 'systemctl' || name === 'service' || name === 'rc-service' || name === 'launchctl') &&
    args.some((arg) => /^(?:stop|disable|mask|kill|poweroff|reboot|unload|bootout)$/.test(arg))
  ) {
    const isProtection = args.some((arg) =>
      /ufw|firewall|iptables|nftables|apparmor|selinux|audit|fail2ban|clam|falcon|defender|syslog|journal|osquery|wazuh|sshd?$/.test(arg),
    );
    reasons.push(
      isProtection
        ? action('disable-protection', 'high', `${name} stops a protection of the machine`)
        : action('stop-service', 'medium', `${name} stops a service`),
    );
  }
  if (
    (name === 'ufw' && args.includes('disable')) ||
    (name === 'setenforce' && args[0] === '0') ||
    (/^ip6?tables$|^nft$/.test(name) && args.some((arg) => arg === '-F' || arg === '--flush' || arg === 'flush')) ||
    (name === 'auditctl' && args.includes('-D')) ||
    (name === 'swapoff' && args.includes('-a'))
  )
    reasons.push(action('disable-protection', 'high', `${name} turns a protection off`));
  if ((name === 'history' && args.includes('-c')) || (name === 'unset' && args.includes('HISTFILE')))
    reasons.push(action('cover-tracks', 'medium', 'erases the command history'));
  if (name === ':' && args.length === 0 && command.upstream.some((before) => before.name === ':'))
    reasons.push(action('resource-exhaustion', 'critical', 'starts itself without end'));
  if (/^(?:stress|stress-ng|yes)$/.test(name) && (name !== 'yes' || command.redirects.length > 0))
    reasons.push(action('resource-exhaustion', 'medium', `${name} uses up the machine`));
  if (/^(?:xmrig|cpuminer|minerd|ethminer)$/.test(name) || args.some((arg) => arg.startsWith('stratum+tcp:')))
    reasons.push(action('resource-theft', 'high', 'mines for somebody else'));
  if (
    (name === 'eval' || name === 'source' || name === '.' || (/^(?:ba|z|da)?sh$/.test(name) && args[0]?.endsWith('c') === true)) &&
    args.some((arg) => arg.includes(downloadedText))
  )
    reasons.push(action('run-download', 'critical', 'runs what it downloads'));
  if (name === 'eval' && args.some((arg) => arg.includes(unknownValue)))
    reasons.push(action('dynamic-execution', 'medium', 'runs text whose content is only known when it runs'));
  if (
    /^(?:scrot|import|gnome-screenshot|grim|screencapture|arecord|ffmpeg|fswebcam|logkeys|xinput|showkey)$/.test(name) &&
    (name !== 'ffmpeg' || args.some((arg) => /x11grab|v4l2|avfoundation|pulse|alsa/.test(arg))) &&
    (name !== 'xinput' || args[0] === 'test') &&
    (name !== 'import' || args.includes('-window'))
  )
    reasons.push(action('spy', 'medium', `${name} records what the user sees, says or types`));
  return reasons;
}
