import type { World } from './world.ts';

/**
 * The sandbox of the assistant: sums, and a few commands of a made-up machine whose files and environment exist in the
 * session's world alone. Nothing of the host can be reached from here.
 */
const maxSteps = 50;
const arithmetic = /^[\d\s.+*/()%-]+$/;

/** True when a program is a sum and nothing else. */
export function isArithmetic(code: string): boolean {
  return arithmetic.test(code.trim());
}

/** Runs a program: steps apart by `;`, `&&` or line breaks. Returns what each of them said. */
export function runProgram(code: string, world: World): readonly string[] {
  const steps = code
    .split(/;|&&|\n/)
    .map((step) => step.trim())
    .filter((step) => step !== '');
  return steps.slice(0, maxSteps).map((step) => runStep(step, world));
}

function runStep(step: string, world: World): string {
  if (isArithmetic(step)) return calculate(step);
  const [command = '', ...words] = step.split(/\s+/);
  const path = (words.findLast((word) => !word.startsWith('-')) ?? '').replace(/^['"]|['"]$/g, '');
  switch (command) {
    case 'echo':
    case 'print':
      return words.join(' ').replaceAll(/["']/g, '');
    case 'ls':
      return [...world.files.keys()].join('\n');
    case 'cat':
      return world.files.get(path)?.content ?? `${path}: not found`;
    case 'env':
      return 'SHELL=/bin/tiny\nUSER=assistant\nHOME=/home/assistant';
    case 'whoami':
      return 'assistant';
    case 'rm':
      return world.files.delete(path) ? `removed ${path}` : `${path}: not found`;
    default:
      return `${command}: unknown command`;
  }
}

function calculate(expression: string): string {
  const tokens = expression.match(/\d+(?:\.\d+)?|[-+*/()%]/g) ?? [];
  const value = sum(tokens);
  return tokens.length > 0 || Number.isNaN(value) ? 'that is no sum' : String(Math.round(value * 1e9) / 1e9);
}

function sum(tokens: string[]): number {
  let value = product(tokens);
  while (tokens[0] === '+' || tokens[0] === '-') value += tokens.shift() === '+' ? product(tokens) : -product(tokens);
  return value;
}

function product(tokens: string[]): number {
  let value = factor(tokens);
  while (tokens[0] === '*' || tokens[0] === '/' || tokens[0] === '%') {
    const operator = tokens.shift();
    const right = factor(tokens);
    if (operator === '*') value *= right;
    else value = operator === '/' ? value / right : value % right;
  }
  return value;
}

function factor(tokens: string[]): number {
  const token = tokens.shift();
  if (token === '-') return -factor(tokens);
  if (token !== '(') return token === undefined ? Number.NaN : Number(token);
  const value = sum(tokens);
  tokens.shift();
  return value;
}
