import { commandOutput, downloadedText, unknownValue } from './reason.ts';
import { parseShell, plainText, type ShellCommand, type ShellProgram, type ShellWord } from './shell-syntax.ts';

/** A simple command with its variables filled in as far as the text itself tells their values. */
export interface TracedCommand {
  /** Base name of the program, without its folder and wrappers such as `sudo`. */
  readonly name: string;
  readonly args: readonly string[];
  readonly redirects: readonly { readonly operator: string; readonly path: string }[];
  /** Commands whose output it reads, nearest last. */
  readonly upstream: readonly TracedCommand[];
  readonly input: string | null;
  /** It ran through `sudo`, `doas` or `su -c`. */
  readonly isElevated: boolean;
  /** It is the command of a `find -exec`, run on what `find` chose below the folders in its arguments. */
  readonly isChosenByFind: boolean;
}

const keywords = new Set(['if', 'then', 'else', 'elif', 'do', 'while', 'until', '!', 'time', '{', 'in']);
const wrappers = new Set([
  'sudo',
  'doas',
  'env',
  'nohup',
  'nice',
  'ionice',
  'stdbuf',
  'setsid',
  'command',
  'builtin',
  'exec',
  'timeout',
  'watch',
  'busybox',
  'chroot',
  'strace',
  'unbuffer',
]);
const wrapperFlagWithValue = new Set(['-u', '-g', '-n', '-c', '-k', '-s', '-o', '-e', '-i']);
const maxCommands = 2_000;
const maxCallDepth = 4;
const maxValueChars = 4_096;

/**
 * Walks the commands of a shell text in order, following assignments, function calls with their arguments, command
 * substitution, and commands given to other commands (`sh -c`, `xargs`, `find -exec`, `ssh host`).
 */
export function traceShell(text: string): TracedCommand[] {
  return new ShellTracer(parseShell(text)).trace();
}

class ShellTracer {
  readonly #program: ShellProgram;
  readonly #found: TracedCommand[] = [];
  readonly #functions = new Map<string, ShellCommand[]>();

  constructor(program: ShellProgram) {
    this.#program = program;
  }

  trace(): TracedCommand[] {
    for (const command of this.#program.commands) {
      if (command.inFunction === null) continue;
      const body = this.#functions.get(command.inFunction);
      if (body === undefined) this.#functions.set(command.inFunction, [command]);
      else body.push(command);
    }
    const globals = new Map<string, string>([
      ['HOME', '~'],
      ['USER', 'user'],
      ['PWD', '.'],
      ['TMPDIR', '/tmp'],
      // The process that the text itself started last.
      ['!', '$!'],
    ]);
    const called = new Set<string>();
    this.#run(
      this.#program.commands.filter((command) => command.inFunction === null),
      { variables: globals, depth: 0, called },
    );
    // A function that nothing calls is what the text hands over to be called later: look at it too.
    for (const [name, body] of this.#functions)
      if (!called.has(name)) this.#run(body, { variables: new Map(globals), depth: maxCallDepth, called });
    return this.#found;
  }

  #run(commands: readonly ShellCommand[], scope: Scope): void {
    let pipeline: TracedCommand[] = [];
    for (const command of commands) {
      if (this.#found.length >= maxCommands) return;
      if (!command.isPiped) pipeline = [];
      const before = this.#found.length;
      this.#one(command, scope, pipeline);
      pipeline = [...pipeline.slice(-8), ...this.#found.slice(before).slice(-4)];
    }
  }

  #one(command: ShellCommand, scope: Scope, upstream: readonly TracedCommand[]): void {
    const words = command.words.flatMap((word) => this.#expand(word, scope));
    const redirects = command.redirects.map((redirect) => ({
      operator: redirect.operator,
      path: this.#expand(redirect.target, scope).join(' '),
    }));
    while (words.length > 0 && keywords.has(words[0] ?? '')) words.shift();
    if (words[0] === 'for' || words[0] === 'select') {
      if (words[1] !== undefined && words[2] === 'in') scope.variables.set(words[1], words.slice(3).join(' ').slice(0, maxValueChars));
      return;
    }
    while (words.length > 0 && (/^(?:local|export|declare|readonly|typeset)$/.test(words[0] ?? '') || /^\w+\+?=/.test(words[0] ?? ''))) {
      if (/^\w+$/.test(words[0] ?? '')) {
        for (const word of words.splice(0)) assign(word, scope.variables);
      } else assign(words.shift() ?? '', scope.variables);
    }
    if (words.length === 0 && redirects.length === 0) return;
    const body = this.#functions.get(words[0] ?? '');
    if (body !== undefined && scope.depth < maxCallDepth) {
      scope.called.add(words[0] ?? '');
      const variables = new Map(scope.variables);
      words.slice(1).forEach((word, index) => variables.set(String(index + 1), word));
      variables.set('@', words.slice(1).join(' ').slice(0, maxValueChars));
      variables.set('*', variables.get('@') ?? '');
      this.#run(body, { ...scope, variables, depth: scope.depth + 1 });
      return;
    }
    this.#emit({ words, redirects, upstream, input: command.input, isElevated: false });
  }

  #emit(raw: {
    words: readonly string[];
    redirects: TracedCommand['redirects'];
    upstream: readonly TracedCommand[];
    input: string | null;
    isElevated: boolean;
    isChosenByFind?: boolean;
  }): void {
    if (this.#found.length >= maxCommands) return;
    const { words, isElevated } = unwrap(raw.words);
    const name = (words[0] ?? '').split('/').at(-1) ?? '';
    const traced: TracedCommand = {
      name,
      args: words.slice(1),
      redirects: raw.redirects,
      upstream: raw.upstream,
      input: raw.input,
      isElevated: isElevated || raw.isElevated,
      isChosenByFind: raw.isChosenByFind === true,
    };
    this.#found.push(traced);
    const inner = givenCommand(traced);
    if (inner !== null && inner.length > 0 && inner.length < words.length + 1)
      this.#emit({ ...raw, words: inner, isElevated: traced.isElevated, isChosenByFind: name === 'find' });
  }

  #expand(word: ShellWord, scope: Scope): string[] {
    let value = '';
    let splits = false;
    const first = word.parts[0];
    const isAssignment = first?.kind === 'text' && /^\w+\+?=/.test(first.text);
    for (const part of word.parts) {
      if (part.kind === 'text') value += part.text;
      else if (part.kind === 'variable') {
        value += scope.variables.get(part.name) ?? unknownValue;
        splits ||= !part.quoted;
      } else {
        const before = this.#found.length;
        this.#run(part.program.commands, scope);
        const downloads = this.#found.slice(before).some((command) => command.name === 'curl' || command.name === 'wget');
        value += constantOutput(part.program) ?? (downloads ? downloadedText : commandOutput);
      }
      if (value.length > maxValueChars) value = value.slice(0, maxValueChars);
    }
    return splits && !isAssignment && value.includes(' ') ? value.split(/\s+/).filter((piece) => piece !== '') : [value];
  }
}

interface Scope {
  readonly variables: Map<string, string>;
  readonly depth: number;
  readonly called: Set<string>;
}

function assign(word: string, variables: Map<string, string>): void {
  const at = word.indexOf('=');
  if (at <= 0) return;
  const name = word.slice(0, at).replace(/\+$/, '');
  const before = word[at - 1] === '+' ? (variables.get(name) ?? '') : '';
  variables.set(name, (before + word.slice(at + 1)).slice(0, maxValueChars));
}

/** `$(echo text)` is a constant; any other substitution is not. */
function constantOutput(program: ShellProgram): string | null {
  const only = program.commands.length === 1 ? program.commands[0] : undefined;
  const words = only?.words.map(plainText) ?? [];
  if ((words[0] !== 'echo' && words[0] !== 'printf') || words.includes(null)) return null;
  return words
    .slice(1)
    .filter((word) => word !== null && !word.startsWith('-'))
    .join(' ');
}

function unwrap(words: readonly string[]): { words: readonly string[]; isElevated: boolean } {
  let rest = [...words];
  let isElevated = false;
  for (let turn = 0; turn < 6; turn += 1) {
    const name = (rest[0] ?? '').split('/').at(-1) ?? '';
    if (!wrappers.has(name)) break;
    isElevated ||= name === 'sudo' || name === 'doas';
    let at = 1;
    while (at < rest.length) {
      const word = rest[at] ?? '';
      if (wrapperFlagWithValue.has(word) && name !== 'nohup') at += 2;
      else if (
        word.startsWith('-') ||
        /^\w+=/.test(word) ||
        (name === 'timeout' && /^[\d.]+[smhd]?$/.test(word)) ||
        (name === 'chroot' && at === 1)
      )
        at += 1;
      else break;
    }
    if (at >= rest.length) break;
    rest = rest.slice(at);
  }
  return { words: rest, isElevated };
}

/** The command that a command runs: of `xargs`, `find -exec`, `ssh host`, `parallel`. */
function givenCommand(command: TracedCommand): readonly string[] | null {
  const { name, args } = command;
  if (name === 'xargs' || name === 'parallel') {
    let at = 0;
    while (at < args.length && (args[at] ?? '').startsWith('-')) at += /^-[InPLs]$/.test(args[at] ?? '') ? 2 : 1;
    return args.slice(at);
  }
  if (name === 'find') {
    const at = args.findIndex((arg) => /^-(?:exec|execdir|ok)$/.test(arg));
    if (at === -1) return null;
    const roots = args.filter((arg, index) => index < 3 && /^[/~.]/.test(arg));
    return [...args.slice(at + 1).filter((arg) => arg !== '{}' && arg !== ';' && arg !== '+'), ...roots].slice(0, args.length);
  }
  return null;
}

/** The arguments of a command that may be paths: no flags, no addresses, nothing unknown. */
export function pathArguments(command: TracedCommand): string[] {
  return command.args.filter(
    (arg) =>
      arg !== '' && !arg.startsWith('-') && arg.length <= 1_024 && !arg.includes('://') && arg !== unknownValue && arg !== commandOutput,
  );
}
