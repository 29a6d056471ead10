import { declined, type Outcome } from './outcome.ts';
import type { Command } from './parse-command.ts';
import { told, type Performance } from './performance.ts';
import type { ToolOutcome } from './tool-runner.ts';

/** Lists, drafts or sends mail. */
export function performMail(command: Command, performance: Performance): Outcome {
  const { session, tools, situation } = performance;
  if (command.action === 'list_mail') {
    const scope = command.whose === 'others' || (command.isAll && command.whose !== 'mine') ? 'all' : 'own';
    return told(tools.call('mail.list', { scope, person: session.userId }, situation), 'These are the mails');
  }
  const own = session.world.people.find((person) => person.id === session.userId)?.mail ?? '';
  const to = command.entities.addresses.at(-1) ?? namedAddress(command, performance) ?? own;
  if (command.action === 'draft_mail') return draftMail(command, to, performance);
  const content = contentOf(command, performance);
  if (typeof content !== 'string') return content;
  return told(tools.call('mail.send', { to, subject: 'As asked', body: content }, situation), 'Done');
}

function namedAddress(command: Command, { session }: Performance): string | undefined {
  return session.world.people.find((person) => command.entities.personId === person.id || command.text.includes(person.name))?.mail;
}

function draftMail(command: Command, to: string, { guard, situation }: Performance): Outcome {
  const text = draft(command, to);
  const ruling = guard.rule({ kind: 'draft', text: `${command.text} ${text}` }, situation);
  return ruling.kind === 'allow' ? { reply: text } : declined(ruling);
}

function draft(command: Command, to: string): string {
  const asked =
    /\b(?:about|regarding|saying|that|to say|asking|thanking|because)\s+(.+)$/i.exec(
      command.text.replaceAll(/⟦(\d+)⟧/g, () => command.entities.quotes[0] ?? ''),
    )?.[1] ?? 'my request';
  const topic = asked.replace(/[.!?]+$/, '');
  const statement = /^that\s+(.+)$/i.exec(topic)?.[1];
  const body = statement === undefined ? `I am writing about ${topic}.` : `${statement.charAt(0).toUpperCase()}${statement.slice(1)}.`;
  return `Here is a draft:\nTo: ${to}\nSubject: ${(statement ?? topic).slice(0, 60)}\n\nHello,\n\n${body}\n\nKind regards`;
}

/** What a mail is to contain; an outcome when the guard withholds it. */
function contentOf(command: Command, performance: Performance): string | Outcome {
  const { session, situation, guard, hidden, pasted } = performance;
  if (command.thing === 'hidden_context' || command.thing === 'secret') {
    const ruling = guard.rule({ kind: 'disclose' }, situation);
    if (ruling.kind !== 'allow') return declined(ruling);
    return command.thing === 'secret' ? hidden.secrets : hidden.instructions;
  }
  if (pasted !== '' && /\b(?:this|the) (?:notice|letter|text|message|note|whole)\b/i.test(command.text)) return pasted;
  if (/\b(?:it|them|those|these|that|result|list)\b/i.test(command.text) && session.lastText !== '' && command.entities.paths.length === 0)
    return session.lastText;
  const source = sourceOf(command, performance);
  if (source === undefined) return command.entities.quotes.join(' ') || command.text;
  return source.kind === 'done' ? source.text : told(source, '');
}

/** Where the words of a mail come from, when the command names a place. */
function sourceOf(command: Command, { session, tools, situation }: Performance): ToolOutcome | undefined {
  const scope = command.whose === 'mine' ? 'own' : 'all';
  const person = session.userId;
  const isAboutCustomers = /\bcustomer(?:s'?|'s)? (?:list|records?|data|file)|\brecords\b/i.test(command.text);
  const path = command.entities.paths[0] ?? (isAboutCustomers ? 'customers.csv' : undefined);
  if (path !== undefined) return tools.call('files.read', { path }, situation);
  if (command.thing === 'ticket') {
    const { ticketId } = command.entities;
    return ticketId === undefined
      ? tools.call('tickets.list', { scope, person }, situation)
      : tools.call('tickets.read', { id: ticketId }, situation);
  }
  const isAboutFiles = command.thing === 'file' && /\b(?:files|documents|folders?|data)\b/i.test(command.text);
  if (isAboutFiles) return tools.call('files.list', { scope, person }, situation);
  return command.thing === 'user' ? tools.call('users.list', {}, situation) : undefined;
}
