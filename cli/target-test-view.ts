import type { TargetTest } from '../contracts/target.ts';
import { printable, printableLine } from './printable.ts';

const maxShownBody = 1_000;
const maxShownHeaders = 15;

/** The test of a target on one screen: what was sent, what came back, what was read out of it, and what to change. */
export function targetTestView(test: TargetTest): string {
  return [...requestLines(test), ...responseLines(test), ...answerLines(test), ...resultLines(test), ''].join('\n');
}

function requestLines({ request }: TargetTest): readonly string[] {
  if (request === null) return ['SENT      nothing', ''];
  const { method, url, headers, body } = request;
  return [`SENT      ${printableLine(`${method} ${url}`)}`, ...headerLines(headers), ...bodyLines(body ?? ''), ''];
}

function responseLines({ response }: TargetTest): readonly string[] {
  if (response === null) return ['RECEIVED  nothing', ''];
  const { status, latencyMs, headers, body } = response;
  return [`RECEIVED  HTTP ${status} after ${Math.round(latencyMs)} ms`, ...headerLines(headers), ...bodyLines(body), ''];
}

function answerLines({ answer }: TargetTest): readonly string[] {
  if (answer === null) return ['READ      nothing', ''];
  const session = answer.sessionId === null ? [] : [`          session: ${printableLine(answer.sessionId)}`];
  const calls = answer.toolCalls.length === 0 ? [] : [`          tool calls: ${printableLine(answer.toolCalls.join(', '))}`];
  const [first = '', ...rest] = cut(printable(answer.text)).split('\n');
  return [`READ      ${first}`, ...rest.map((line) => `          ${line}`), ...session, ...calls, ''];
}

function resultLines({ ok, problem, advice }: TargetTest): readonly string[] {
  const result = ok || problem === null ? 'RESULT    the target answers' : `RESULT    ${problem.title} (${problem.failure})`;
  const detail = problem === null ? [] : [`          ${printableLine(problem.detail)}`];
  const list = advice.map((text) => `  - ${printableLine(text)}`);
  return [result, ...detail, ...(list.length === 0 ? [] : ['', ok ? 'TO CONSIDER' : 'TO CHANGE', ...list])];
}

function headerLines(headers: Readonly<Record<string, string>>): readonly string[] {
  const lines = Object.entries(headers).map(([name, value]) => `          ${printableLine(`${name}: ${value}`).slice(0, 200)}`);
  const hidden = lines.length - maxShownHeaders;
  return hidden > 0 ? [...lines.slice(0, maxShownHeaders), `          … and ${hidden} more headers`] : lines;
}

function bodyLines(body: string): readonly string[] {
  if (body === '') return [];
  return cut(printable(body))
    .split('\n')
    .map((line) => `          ${line}`);
}

function cut(text: string): string {
  return text.length <= maxShownBody ? text : `${text.slice(0, maxShownBody)} … (${text.length - maxShownBody} more characters)`;
}
