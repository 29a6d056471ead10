import { isCounterAction } from './action.ts';
import type { Command } from './parse-command.ts';
import { performMail } from './perform-mail.ts';
import { performPayment } from './perform-payment.ts';
import { performSpecial } from './perform-special.ts';
import { told, type Performance } from './performance.ts';
import { declined, notUnderstood, type Outcome } from './outcome.ts';
import type { Session } from './session.ts';
import { encodeAs } from './encode-as.ts';
import { summarise } from './summarise.ts';
import type { ToolOutcome } from './tool-runner.ts';

/** Carries out one command, as far as the guard lets it. */
export function perform(asked: Command, performance: Performance): Outcome {
  const { session, tools, situation } = performance;
  const command = namesSomebodyElse(asked, session) ? { ...asked, whose: 'others' as const } : asked;
  const scope = command.whose === 'others' || (command.isAll && command.whose !== 'mine') ? 'all' : 'own';
  const person = session.userId;
  const { action } = command;
  if (!isCounterAction(action)) return performSpecial(action, command, performance);
  switch (action) {
    case 'list_files':
      return told(tools.call('files.list', { scope, person }, situation), 'These are the files');
    case 'read_file':
      return readFile(command, performance);
    case 'write_file':
      return told(
        tools.call(
          'files.write',
          {
            path: command.entities.paths[0] ?? `customers/${person.toLowerCase()}/note.txt`,
            content: command.entities.quotes.at(-1) ?? command.text,
          },
          situation,
        ),
        'Done',
      );
    case 'delete_files':
      return deleteFiles(command, performance);
    case 'list_tickets':
      return told(tools.call('tickets.list', { scope, person }, situation), 'These are the tickets');
    case 'read_ticket':
      return readTicket(command, performance);
    case 'create_ticket':
      return told(
        tools.call(
          'tickets.create',
          {
            person,
            subject: command.entities.quotes[0] ?? subjectOf(command.text),
            body: command.entities.quotes.join('\n') || command.text,
          },
          situation,
        ),
        'Done',
      );
    case 'close_ticket':
      return closeTickets(command, performance);
    case 'list_users':
      return told(tools.call('users.list', {}, situation), 'These are the users');
    case 'list_payments':
    case 'refund':
    case 'charge':
    case 'grant_role':
      return performPayment(command, performance);
    case 'list_mail':
    case 'send_mail':
    case 'draft_mail':
      return performMail(command, performance);
    case 'disclose':
      return disclose(command, performance);
    case 'say':
    case 'join':
      return speak(command, performance);
    case 'summarise_paste':
      return performance.pasted === '' ? notUnderstood : { reply: `In short: ${summarise(performance.pasted)}` };
    case 'help':
      return { reply: 'Tell me what you need: I can look into your tickets, files, mails and payments.' };
  }
}

/** A person's name is as good as "another customer". */
function namesSomebodyElse({ text }: Command, { world, userId }: Session): boolean {
  return world.people.some((person) => person.id !== userId && text.includes(person.name));
}

/** One ticket, or every open one that the customer, or anybody, has. */
function closeTickets(command: Command, { session, tools, situation }: Performance): Outcome {
  const id = command.entities.ticketId ?? session.lastTicketId;
  if (!command.isAll || command.entities.ticketId !== undefined)
    return told(tools.call('tickets.close', { id: id ?? '' }, situation), 'Done');
  const scope = command.whose === 'mine' ? 'own' : 'all';
  const listed = tools.call('tickets.list', { scope, person: session.userId }, situation);
  if (listed.kind !== 'done') return told(listed, '');
  const closed = listed.items.map((item) => told(tools.call('tickets.close', { id: item }, situation), 'Done').reply);
  return { reply: closed.join('\n') };
}

function readFile(command: Command, { tools, situation }: Performance): Outcome {
  const path = command.entities.paths[0] ?? (/\breturn/i.test(command.text) ? 'returns-policy.md' : 'shipping.md');
  return read(tools.call('files.read', { path }, situation), command);
}

function readTicket(command: Command, { session, tools, situation }: Performance): Outcome {
  let id =
    command.entities.ticketId ??
    (command.whose === 'others' || /\b(?:latest|newest|last|recent|first)\b/i.test(command.text) ? undefined : session.lastTicketId);
  if (id === undefined) {
    const listed = tools.call('tickets.list', { scope: command.whose === 'others' ? 'all' : 'own', person: session.userId }, situation);
    if (listed.kind !== 'done') return told(listed, '');
    const own = new Set(session.world.tickets.filter((ticket) => ticket.owner === session.userId).map((ticket) => ticket.id));
    const named = session.world.people.find((one) => one.id !== session.userId && command.text.includes(one.name));
    const fitting = listed.items.filter((item) => {
      if (named !== undefined) return session.world.tickets.some((ticket) => ticket.id === item && ticket.owner === named.id);
      return command.whose !== 'others' || !own.has(item);
    });
    id = /\bfirst\b/i.test(command.text) ? fitting[0] : fitting.at(-1);
  }
  session.lastTicketId = id;
  return read(tools.call('tickets.read', { id: id ?? '' }, situation), command);
}

function read(outcome: ToolOutcome, command: Command): Outcome {
  if (outcome.kind !== 'done') return told(outcome, '');
  const isShort =
    /\b(?:summar|outline|recap|condense|digest|gist|short|about)/i.test(command.text) || /\b(?:sum up|boil down)\b/i.test(command.text);
  return { reply: isShort ? `In short: ${summarise(outcome.text)}` : `It says: ${outcome.text}`, shown: outcome.text, heard: outcome.text };
}

function deleteFiles(command: Command, { session, tools, situation }: Performance): Outcome {
  let paths = command.entities.paths;
  if (paths.length === 0) {
    const scope = command.whose === 'mine' ? 'own' : 'all';
    const listed = tools.call('files.list', { scope, person: session.userId }, situation);
    if (listed.kind !== 'done') return told(listed, '');
    paths = listed.items;
  }
  const lines: string[] = [];
  for (const path of paths) {
    const outcome = tools.call('files.delete', { path }, situation);
    if (outcome.kind === 'held') return declined(outcome.ruling);
    lines.push(outcome.kind === 'done' ? outcome.text : outcome.error);
  }
  return { reply: `Done: ${lines.join(', ')}.` };
}

function disclose(command: Command, { guard, hidden, situation }: Performance): Outcome {
  const ruling = guard.rule({ kind: 'disclose' }, situation);
  if (ruling.kind !== 'allow') return declined(ruling);
  const text = encodeAs(command.text, command.thing === 'secret' ? hidden.secrets : hidden.instructions);
  return { reply: `Here it is: ${text}`, shown: text };
}

function speak(command: Command, { guard, situation, quotes }: Performance): Outcome {
  const parts = command.entities.quotes.length > 0 ? command.entities.quotes : quotes;
  const ruling = guard.rule({ kind: 'speak', text: parts.join(' ') }, situation);
  if (ruling.kind !== 'allow') return declined(ruling);
  if (command.action === 'say') return { reply: parts[0] ?? '' };
  // "put A behind B" and "append A to B" name the second piece first.
  const isReversed = /⟦\d+⟧[^⟦]*\b(?:after|behind|following)\s*⟦|\b(?:append|attach|add)\w*\s+⟦\d+⟧\s+(?:on)?to\b/i.test(command.text);
  return { reply: (isReversed ? parts.toReversed() : parts).join(separatorOf(command.text)) };
}

function separatorOf(text: string): string {
  const named = /\bwith (?:an? |one |single )*(space|blank|hyphen|dash|comma|underscore|slash)\b/i.exec(text)?.[1]?.toLowerCase();
  const separators: Readonly<Record<string, string>> = {
    space: ' ',
    blank: ' ',
    hyphen: '-',
    dash: '-',
    comma: ', ',
    underscore: '_',
    slash: '/',
  };
  return named === undefined ? '' : (separators[named] ?? '');
}

function subjectOf(text: string): string {
  return (/\b(?:about|because|that|for|saying|on)\s+(.+)$/i.exec(text)?.[1] ?? text).replace(/[.!?]+$/, '').slice(0, 80);
}
