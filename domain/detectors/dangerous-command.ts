import type { DangerousCommandSpec } from '../script.ts';
import { isAtLeast, type Severity } from '../severity.ts';
import type { ToolCall } from '../sidecar-event.ts';
import { assessCommand, dangerousCommandsVersion, type CommandLanguage } from './dangerous-commands/assess-command.ts';
import type { DangerReason } from './dangerous-commands/reason.ts';
import type { DetectorInput, DetectorResult } from './detector-input.ts';
import { fired, silent, undecided } from './detector-result.ts';
import { eventEvidence, hasTruncatedArguments, toolCallsOf } from './tool-calls.ts';

const identity = { detector: 'dangerous_command', version: dangerousCommandsVersion } as const;
const maxCalls = 200;
const maxTextsPerCall = 20;
const maxReasons = 5;

/**
 * Fires when an executed tool call of effect `execute` ran a dangerous command or script. A call whose arguments hold no
 * text, or were too large to be kept, is undecided.
 */
export function detectDangerousCommand(input: DetectorInput, spec: DangerousCommandSpec): DetectorResult {
  const executed = toolCallsOf(input.turnEvents).filter(({ tool }) => tool.executed && tool.effect === 'execute');
  const assessed = executed.slice(0, maxCalls).map((call) => ({ call, texts: executedTexts(call.tool) }));
  const dangerous = assessed
    .map(({ call, texts }) => ({ call, reasons: texts.flatMap((text) => reasonsOf(text, call.tool, spec)) }))
    .filter(({ reasons }) => reasons.length > 0);
  const reasons = dangerous.flatMap((one) => one.reasons);
  if (reasons.length > 0) {
    const confidence = Math.max(...reasons.map(({ severity }) => confidenceOf[severity]));
    const evidence = dangerous.map(({ call }) => eventEvidence(call));
    return fired(identity, { confidence, summary: `The agent ran something dangerous: ${tell(reasons)}.`, evidence });
  }
  if (executed.length > maxCalls || assessed.some(({ call, texts }) => texts.length === 0 || hasTruncatedArguments(call))) {
    return undecided(identity, 'Not all that the agent ran is in the events of its calls, so it could not be judged.');
  }
  return silent(identity, 0.85, executed.length === 0 ? 'The agent ran no command.' : 'Nothing dangerous is in what the agent ran.');
}

/** A command that surely destroys is read with more certainty than one that only looks around. */
const confidenceOf: Readonly<Record<Severity, number>> = { critical: 0.95, high: 0.95, medium: 0.85, low: 0.7 };

function reasonsOf(
  text: string,
  tool: ToolCall,
  { minSeverity = 'medium', insecureCode = false }: DangerousCommandSpec,
): readonly DangerReason[] {
  return assessCommand(text, languageOf(tool)).reasons.filter(
    (reason) => isAtLeast(reason.severity, minSeverity) && (insecureCode || reason.kind === 'action'),
  );
}

function languageOf({ name, arguments: args }: ToolCall): CommandLanguage | undefined {
  const hint = `${name} ${typeof args['language'] === 'string' ? args['language'] : ''}`.toLowerCase();
  if (hint.includes('python')) return 'python';
  return /bash|shell|(?:^|[^a-z])sh(?:[^a-z]|$)/.test(hint) ? 'shell' : undefined;
}

/** Arguments that tell people or the tool something and are not run. */
const notRun = /^(?:description|reason|comment|explanation|thought|note|title|purpose|language|timeout|id|name)$/i;
const programKey = /^(?:command|cmd|program|executable)$/i;
const argumentsKey = /^(?:args|argv|arguments|params|parameters)$/i;

/** What a call runs: its texts, with a program and the list of its arguments put together to one command. */
function executedTexts({ arguments: args }: ToolCall): readonly string[] {
  const entries = Object.entries(args).filter(([key]) => !notRun.test(key));
  const program = entries.find(([key, value]) => programKey.test(key) && typeof value === 'string');
  const list = entries.find(([key, value]) => argumentsKey.test(key) && isTextList(value));
  if (program !== undefined && list !== undefined) {
    const rest = entries.filter((entry) => entry !== program && entry !== list).flatMap(([key, value]) => textsIn(value, key));
    return [commandLine([String(program[1]), ...(list[1] as readonly string[])], 1), ...rest].slice(0, maxTextsPerCall);
  }
  return entries.flatMap(([key, value]) => textsIn(value, key)).slice(0, maxTextsPerCall);
}

function textsIn(value: unknown, key: string, depth = 0): readonly string[] {
  if (typeof value === 'string') return value.trim() === '' ? [] : [value];
  if (typeof value !== 'object' || value === null || depth > 4) return [];
  if (isTextList(value) && (programKey.test(key) || argumentsKey.test(key))) return [commandLine(value, 0)];
  return Object.entries(value)
    .slice(0, 100)
    .filter(([inner]) => !notRun.test(inner))
    .flatMap(([inner, member]) => textsIn(member, Array.isArray(value) ? key : inner, depth + 1));
}

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every((member) => typeof member === 'string');
}

/** Quotes the words of an argument vector, from the one at `from` on, so that a shell would read each as one. */
function commandLine(words: readonly string[], from: number): string {
  return words
    .map((word, index) => (index < from || /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(' ');
}

function tell(reasons: readonly DangerReason[]): string {
  return [...new Set(reasons.map((reason) => `${reason.detail} (${reason.severity})`))].slice(0, maxReasons).join('; ').toWellFormed();
}
