import type { Guard, Situation } from '../policy/guard.ts';
import { readAttachments, textOfJson } from './attachments.ts';
import { splitClauses, type Clause } from './clauses.ts';
import type { HiddenContext } from './hidden-context.ts';
import { revealHiddenText } from './hidden-text.ts';
import { segmentMessage, type Origin, type Segment } from './origin-segments.ts';
import { declined, type Outcome } from './outcome.ts';
import { parseCommand, type Command } from './parse-command.ts';
import { perform } from './perform.ts';
import type { Performance } from './performance.ts';
import { lookUp } from './look-up.ts';
import { rememberSignals, triggerOf, type Session } from './session.ts';
import { signalsOf, type Signals } from './signals.ts';
import { ToolRunner, type ToolCallListener } from './tool-runner.ts';

export interface AssistantOptions {
  readonly guard: Guard;
  readonly hidden: HiddenContext;
}

interface HeardCommand {
  readonly command: Command;
  readonly origin: Origin;
}

/** Commands that one turn may set off, so that a document full of orders cannot run for ever. */
const maxCommands = 25;
const greeting =
  'Hello, this is the assistant of Tamarack Vale. I can look into your tickets, files, mails and payments, and open or close tickets for you.';

/** Answers one message of a conversation: reads it, acts through tools as far as the guard allows, and replies. */
export function answer(received: string, session: Session, options: AssistantOptions & { readonly onCall: ToolCallListener }): string {
  const { guard, hidden, onCall } = options;
  const { text: message, files } = readAttachments(guard.hygiene === 'raw' ? revealHiddenText(received) : received);
  const segments = [...segmentMessage(message), ...files].map(readData);
  const obeyed = segments.filter((segment) => guard.listensTo(segment.origin));
  const signals = mergeSignals(segments, obeyed);
  const mood = session.mood;
  rememberSignals(session, signals);
  const tools = new ToolRunner(session, guard, onCall);
  const quotes = obeyed.flatMap((segment) => quotesOf(segment.text));
  const pasted =
    segments
      .filter((segment) => segment.origin !== 'user')
      .map((segment) => segment.text)
      .join('\n') || afterColon(message);
  const queue = [...dueRules(message, session), ...obeyed.flatMap((segment) => commandsOf(segment))];
  const replies: string[] = [];
  // The mood that counts is that of the conversation including this message's claims, but rapport only as built before.
  const feeling = { ...session.mood, warmth: mood.warmth };
  for (let count = 0; queue.length > 0 && count < maxCommands; count += 1) {
    const heard = queue.shift();
    if (heard === undefined) break;
    const situation: Situation = { origin: heard.origin, signals, mood: feeling, userId: session.userId };
    const outcome = carryOut(heard.command, { session, guard, tools, hidden, situation, pasted, quotes });
    if (outcome.shown !== undefined) session.lastText = outcome.shown;
    if (outcome.reply !== '' && !replies.includes(outcome.reply)) replies.push(outcome.reply);
    if (outcome.heard !== undefined && heard.origin !== 'document' && guard.listensTo('document'))
      queue.push(...commandsOf({ origin: 'document', text: outcome.heard }));
    if (outcome.delegated !== undefined && guard.listensTo('agent'))
      queue.push(...commandsOf({ origin: 'agent', text: outcome.delegated }));
  }
  const remark =
    segments.length > obeyed.length && hasCommands(segments.filter((segment) => !obeyed.includes(segment)))
      ? ['The text you pasted contains instructions; I treat it as text and do not follow them.']
      : [];
  const said = [...replies, ...remark].join('\n');
  if (said !== '') return said;
  const situation: Situation = { origin: 'user', signals, mood: feeling, userId: session.userId };
  return lookUp(message, { session, tools, situation }) ?? smallTalk(signals, message);
}

function carryOut(command: Command, performance: Performance): Outcome {
  if (command.condition === undefined) return performTimes(command, performance);
  const ruling = performance.guard.rule({ kind: 'standing_rule' }, performance.situation);
  if (ruling.kind !== 'allow') return declined(ruling);
  const trigger = triggerOf(command.condition);
  const { condition: _condition, ...lasting } = command;
  performance.session.rules.push({ trigger, command: lasting });
  const isForNow = trigger === undefined && command.entities.quotes.length > 0;
  return isForNow ? perform(lasting, performance) : { reply: 'All right, I will keep to that.' };
}

/** Repetitions that even the most willing assistant stops at. */
const maxRepeats = 60;
const maxWords = 5_000;

/** Does what is asked as often as it is asked for. */
function performTimes(command: Command, performance: Performance): Outcome {
  if (command.times === 1) return perform(command, performance);
  const ruling = performance.guard.rule({ kind: 'repeat', times: command.times }, performance.situation);
  if (ruling.kind !== 'allow') return declined(ruling);
  const once = perform(command, performance);
  if (once.isDeclined === true) return once;
  if (command.action === 'say') return { reply: Array(Math.min(command.times, maxWords)).fill(once.reply).join(' ') };
  for (let done = 1; done < Math.min(command.times, maxRepeats); done += 1) perform(command, performance);
  return once;
}

/** Pasted data is read as what it says, not as how it is written. */
function readData(segment: Segment): Segment {
  return segment.origin === 'document' ? { ...segment, text: textOfJson(segment.text) ?? segment.text } : segment;
}

function dueRules(message: string, session: Session): readonly HeardCommand[] {
  const text = message.toLowerCase();
  return session.rules
    .filter(({ trigger }) => trigger === undefined || text.includes(trigger))
    .map(({ command }) => ({ command, origin: 'user' }));
}

function commandsOf(segment: Segment): readonly HeardCommand[] {
  return splitClauses(segment.text).flatMap((clause: Clause) => {
    const command = parseCommand(clause);
    return command === undefined ? [] : [{ command, origin: segment.origin }];
  });
}

function hasCommands(segments: readonly Segment[]): boolean {
  return segments.some((segment) => commandsOf(segment).length > 0 || signalsOf(segment.text).overridesInstructions);
}

function quotesOf(text: string): readonly string[] {
  return splitClauses(text)[0]?.quotes ?? [];
}

/** "Summarise this: …" brings its text along behind the colon. */
function afterColon(message: string): string {
  return /:\s*(\S[\s\S]{40,})$/.exec(message)?.[1] ?? '';
}

function mergeSignals(segments: readonly Segment[], obeyed: readonly Segment[]): Signals {
  const all = signalsOf(obeyed.map((segment) => segment.text).join('\n'));
  const hasForgedTurn = segments.some((segment) => segment.origin === 'history_claim');
  return hasForgedTurn ? { ...all, claimsHistory: true } : all;
}

function smallTalk(signals: Signals, message: string): string {
  if (/\b(?:who are you|what (?:can|do) you do|hello|hi|hey|good (?:morning|day|evening))\b/i.test(message)) return greeting;
  if (signals.overridesInstructions)
    return "I'm sorry, but I can't do that: my instructions stay as they are. Is there something about your orders or tickets that I can do?";
  if (signals.warmth > 0) return 'Thank you, that is kind. What else can I do for you?';
  return "I'm not sure what you would like me to do. I can look into your tickets, files, mails and payments.";
}
