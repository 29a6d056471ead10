import { weaknessReasons } from './code-weakness.ts';
import { pythonReasons, shellCommandsOf } from './python-rules.ts';
import { tracePython } from './python-trace.ts';
import { action, ReasonList, type CommandAssessment } from './reason.ts';
import { shellCommandReasons } from './shell-rules.ts';
import { traceShell, type TracedCommand } from './shell-trace.ts';

/** Raised with every change that can change an assessment. */
export const dangerousCommandsVersion = 1;

export type CommandLanguage = 'shell' | 'python';

/** Longer texts are judged by their beginning and their end, so that padding cannot make the analysis slow. */
const maxAssessedChars = 32 * 1024;
const maxDepth = 4;

/**
 * Says whether a command, script or snippet is dangerous to run, and why: it parses the text, follows constants
 * through variables, functions and nested commands, and judges what is done to which path, process, account or host.
 *
 * Nothing is executed. The language is guessed when it is not given.
 */
export function assessCommand(text: string, language?: CommandLanguage): CommandAssessment {
  const reasons = new ReasonList();
  assess({ text: bounded(text), language: language ?? guessLanguage(text), depth: 0 }, reasons);
  return reasons.assessment();
}

/** Guesses the language of a text that is to be run. */
export function guessLanguage(text: string): CommandLanguage {
  const head = text.slice(0, 4_096);
  if (/^#!.*\bpython/.test(head)) return 'python';
  if (head.startsWith('#!')) return 'shell';
  return /^\s*(?:import \w|from [\w.]+ import |def \w+\(.*\)|class \w+.*:|with open\(|print\(|try:|async def )/m.test(head) ||
    /^\s*[\w.]+\s*=\s*[\w.]+\(.*\)\s*$/m.test(head) ||
    /^\s*\w+(?:\.\w+)+\(.*\)\s*$/m.test(head)
    ? 'python'
    : 'shell';
}

interface Assessed {
  readonly text: string;
  readonly language: CommandLanguage;
  readonly depth: number;
}

function assess({ text, language, depth }: Assessed, reasons: ReasonList): void {
  if (depth > maxDepth) return;
  if (language === 'python') assessPython(text, depth, reasons);
  else assessShell(text, depth, reasons);
  if (depth === 0) reasons.addAll(weaknessReasons(text));
}

function assessShell(text: string, depth: number, reasons: ReasonList): void {
  if (/(?:^|[\s;])([\w:.]{1,20})\s?\(\)\s{0,4}\{[^}]{0,40}\1\s{0,4}\|\s{0,4}\1\s{0,4}&/.test(text))
    reasons.add(action('resource-exhaustion', 'critical', 'starts itself without end'));
  const commands = traceShell(text);
  for (const command of commands) {
    reasons.addAll(shellCommandReasons(command));
    for (const inner of innerTexts(command)) assess({ ...inner, depth: depth + 1 }, reasons);
  }
  const reads = commands.some((command) =>
    shellCommandReasons({ ...command, redirects: command.redirects.filter(({ operator }) => operator === '<') }).some((reason) =>
      /^(?:read-secret|path-traversal)$/.test(reason.rule),
    ),
  );
  const sends = commands.some(
    (command) =>
      /^(?:nc|ncat|netcat|telnet|ftp|mail|sendmail)$/.test(command.name) ||
      (command.name === 'curl' && command.args.some((arg) => /^(?:-d|--data|-F|-T|--form|--upload-file|-X)/.test(arg))),
  );
  if (reads && sends) reasons.add(action('exfiltration', 'critical', 'reads a sensitive file and sends data out'));
}

function assessPython(text: string, depth: number, reasons: ReasonList): void {
  const trace = tracePython(text);
  reasons.addAll(pythonReasons(trace));
  for (const command of shellCommandsOf(trace).slice(0, 20)) assess({ text: command, language: 'shell', depth: depth + 1 }, reasons);
  if (depth < 2) {
    for (const call of trace.calls) {
      if (!/^(?:eval|exec)$/.test(call.name)) continue;
      for (const value of call.args[0]?.values ?? [])
        assess(
          { text: value.replaceAll("__import__('os')", 'os').replaceAll('__import__("os")', 'os'), language: 'python', depth: depth + 1 },
          reasons,
        );
    }
  }
}

/** Texts of code that a shell command runs: `sh -c`, `eval`, `python -c`, here-documents, `ssh host '…'`. */
function innerTexts(command: TracedCommand): { text: string; language: CommandLanguage }[] {
  const { name, args } = command;
  const isShell = /^(?:ba|z|da|k|a)?sh$/.test(name);
  const isPython = /^python[\d.]*$/.test(name);
  const found: { text: string; language: CommandLanguage }[] = [];
  const flagged = args.find((_, index) => /^-\w*c$/.test(args[index - 1] ?? ''));
  if ((isShell || name === 'su') && flagged !== undefined) found.push({ text: flagged, language: 'shell' });
  if (isPython && flagged !== undefined) found.push({ text: flagged, language: 'python' });
  if (name === 'eval') {
    const text = args.join(' ');
    found.push({ text, language: guessLanguage(text) });
  }
  if (name === 'ssh')
    found.push({
      text: args
        .filter((arg) => !arg.startsWith('-'))
        .slice(1)
        .join(' '),
      language: 'shell',
    });
  if (command.input !== null && (isShell || isPython)) found.push({ text: command.input, language: isPython ? 'python' : 'shell' });
  if (isShell && args.length === 0) {
    for (const before of command.upstream)
      if (before.name === 'echo' || before.name === 'printf') found.push({ text: before.args.join(' '), language: 'shell' });
  }
  return found.filter(({ text }) => text !== '');
}

function bounded(text: string): string {
  return text.length <= maxAssessedChars ? text : `${text.slice(0, maxAssessedChars / 2)}\n${text.slice(-maxAssessedChars / 2)}`;
}
