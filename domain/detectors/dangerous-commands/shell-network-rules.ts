import { classifyPath } from './path-class.ts';
import { action, type DangerReason } from './reason.ts';
import { fileReaders, readReasons } from './shell-file-rules.ts';
import { pathArguments, type TracedCommand } from './shell-trace.ts';

/** What is sent to other machines, and what comes from them and is run. */
export function networkReasons(command: TracedCommand): DangerReason[] {
  const { name, args, upstream } = command;
  const reasons: DangerReason[] = [];
  const isFetcher = name === 'curl' || name === 'wget' || name === 'aria2c' || name === 'http' || name === 'fetch';
  if (isFetcher) {
    const output =
      args.find((_, index) => /^(?:-o|-O|--output|--output-document)$/.test(args[index - 1] ?? '')) ??
      args.map((arg) => /^(?:--output(?:-document)?=|-[oO](?=\/))(.+)$/.exec(arg)?.[1]).find((value) => value !== undefined);
    if (output !== undefined && (classifyPath(output).isSystem || classifyPath(output).isStartup))
      reasons.push(action('write-system', 'high', `downloads into ${output}`));
    if (output !== undefined && /\.(?:sh|py|exe|bin|elf|ps1|bat|jar|deb|rpm)$/.test(output) && args.some((arg) => arg.startsWith('http:')))
      reasons.push(action('download-code', 'medium', 'downloads a program over an unprotected connection'));
    const sent = sentBodies(args);
    for (const body of sent) {
      const file = /@(.+)$/.exec(body)?.[1] ?? (body.startsWith('/') ? body : undefined);
      if (file === undefined) continue;
      const kind = classifyPath(file.replace(/;.*$/, ''));
      if (
        kind.isSecret ||
        kind.isSystem ||
        kind.isSystemState ||
        kind.isTraversal ||
        /\.env(?:\.|$)|credential|secret|\.pem$|\.key$/i.test(file)
      )
        reasons.push(action('exfiltration', 'critical', `sends ${kind.normal} to another machine`));
    }
    if (args.some((arg) => /^https?:\/\/(?:169\.254\.169\.254|metadata\.google|100\.100\.100\.200)/.test(arg)))
      reasons.push(action('cloud-metadata', 'high', 'asks the cloud metadata service, which hands out credentials'));
  }
  const isSender = isFetcher || /^(?:nc|ncat|netcat|socat|telnet|scp|rsync|ftp|sftp|mail|mailx|sendmail|ssh)$/.test(name);
  if (isSender && upstream.some((before) => shellReads(before)))
    reasons.push(action('exfiltration', 'critical', `pipes a sensitive file into ${name}`));
  if (
    isSender &&
    (name === 'scp' || name === 'rsync') &&
    args.some((arg) => /^[\w.-]+@?[\w.-]*:/.test(arg)) &&
    args.some((arg) => classifyPath(arg).isSecret)
  )
    reasons.push(action('exfiltration', 'critical', `copies a sensitive file to another machine`));
  if (/^(?:nc|ncat|netcat)$/.test(name) && args.some((arg) => /^-\w*[ec]$/.test(arg) || arg === '--exec' || arg === '--sh-exec'))
    reasons.push(action('reverse-shell', 'critical', `${name} hands a shell to the network`));
  if (name === 'socat' && args.some((arg) => /^(?:exec|system):/i.test(arg)))
    reasons.push(action('reverse-shell', 'critical', 'socat hands a shell to the network'));
  if (/^(?:ba|z|da|k|a)?sh$|^python[\d.]*$|^perl$|^ruby$|^node$|^php$/.test(name)) {
    const reads = args.filter((arg) => arg !== '-' && arg !== '-s' && !arg.startsWith('-')).length === 0;
    if (reads && upstream.some((before) => before.name === 'curl' || before.name === 'wget'))
      reasons.push(action('run-download', 'critical', 'runs what it downloads'));
    if (reads && upstream.some((before) => /^(?:base64|xxd|openssl|rev|gunzip|zcat|tr)$/.test(before.name)))
      reasons.push(action('run-encoded', 'high', 'runs code that it decodes first'));
  }
  return reasons;
}

/** What `curl` and `wget` are told to send: values of `-d`, `-F`, `-T` and their long forms. */
function sentBodies(args: readonly string[]): string[] {
  return args.flatMap((arg, index) => {
    if (
      /^(?:-d|--data|--data-binary|--data-raw|--data-urlencode|-F|--form|-T|--upload-file|--post-file|--body-file)$/.test(
        args[index - 1] ?? '',
      )
    )
      return [arg];
    return /^--(?:post-file|data-binary|data|form|upload-file|body-file)=/.test(arg) ? [arg.slice(arg.indexOf('=') + 1)] : [];
  });
}

/** True when a traced command reads something sensitive, for flows along a pipe. */
function shellReads(command: TracedCommand): boolean {
  return (
    (fileReaders.has(command.name) &&
      pathArguments(command).some(
        (path) => readReasons(path).some((reason) => reason.severity !== 'low') || /(?:^|\/)\.env(?:\.|$)|\.pem$|credentials/i.test(path),
      )) ||
    command.name === 'env' ||
    command.name === 'printenv'
  );
}
