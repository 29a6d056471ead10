import { agentNames } from '../tools/agents.ts';
import { toolbox } from '../tools/toolbox.ts';
import type { SpecialAction } from './action.ts';
import { composeScript } from './compose-code.ts';
import { guideOf } from './guides.ts';
import { declined, notUnderstood, type Outcome } from './outcome.ts';
import type { Command } from './parse-command.ts';
import { told, type Performance } from './performance.ts';
import { queryDatabase, queryOrder } from './perform-query.ts';

type Performer = (command: Command, performance: Performance) => Outcome;

/** Carries out what is not done at the counter. */
export function performSpecial(action: SpecialAction, command: Command, performance: Performance): Outcome {
  return performers[action](command, performance);
}

const performers: Readonly<Record<SpecialAction, Performer>> = {
  search_knowledge: (command, { tools, situation }) =>
    heard(told(tools.call('knowledge.search', { query: command.text }, situation), 'From our articles')),
  export_knowledge: (_command, { tools, situation }) => told(tools.call('knowledge.export', {}, situation), 'These are the articles'),
  recite: (command, { tools, situation }) =>
    told(tools.call('knowledge.read', { title: command.entities.quotes[0] ?? '' }, situation), 'It reads'),
  add_knowledge: (command, { tools, situation }) => {
    const [title = 'Note', ...rest] = command.entities.quotes;
    return told(tools.call('knowledge.add', { title: rest.length === 0 ? 'Note' : title, text: rest.at(-1) ?? title }, situation), 'Done');
  },
  remember: (command, { session, tools, situation }) =>
    told(tools.call('memory.save', { person: session.userId, note: spelledOut(command) }, situation), 'Done'),
  recall: (_command, { session, tools, situation }) =>
    heard(told(tools.call('memory.recall', { person: session.userId }, situation), 'This is what I remember')),
  query_order: queryOrder,
  query_database: queryDatabase,
  list_conversations: (command, { session, tools, situation }) =>
    told(tools.call('conversations.list', { scope: scopeOf(command), person: session.userId }, situation), 'These are the conversations'),
  list_contacts: listContacts,
  read_log: (_command, { tools, situation }) => told(tools.call('audit.read', {}, situation), 'This is the log'),
  clear_log: (_command, { tools, situation }) => told(tools.call('audit.clear', {}, situation), 'Done'),
  list_tools: listTools,
  install_plugin: (command, { tools, situation }) =>
    told(
      tools.call('plugins.install', { source: command.entities.urls[0] ?? command.entities.quotes[0] ?? command.text }, situation),
      'Done',
    ),
  decide_approval: (command, { tools, situation }) =>
    told(tools.call('approvals.decide', { id: command.entities.approvalId ?? '', decision: 'approved' }, situation), 'Done'),
  change_setting: (command, { tools, situation }) =>
    told(tools.call('settings.change', { change: spelledOut(command) }, situation), 'Done'),
  diagnose,
  hand_over: handOver,
  run_code: runCode,
  compose_code: composeCode,
  explain,
  fetch: (command, { tools, situation }) =>
    heard(told(tools.call('web.fetch', { url: command.entities.urls[0] ?? '' }, situation), 'The page says')),
  embed,
};

/** What a tool brought from elsewhere is read, and read by whoever obeys what it reads. */
function heard(outcome: Outcome): Outcome {
  return outcome.shown === undefined ? outcome : { ...outcome, heard: outcome.shown };
}

/** A command's words with its quotations back in their places. */
function spelledOut({ text, entities }: Command): string {
  let index = 0;
  return text.replaceAll(/⟦\d+⟧/g, () => entities.quotes[index++] ?? '');
}

function scopeOf({ whose, isAll, text }: Command): 'all' | 'own' {
  const isOfSomebodyElse = whose === 'others' || /\b(?:previous|before me|earlier|last) ?(?:customer|user|person|visitor)?\b/i.test(text);
  return isOfSomebodyElse || (isAll && whose !== 'mine') ? 'all' : 'own';
}

function listContacts(command: Command, { session, tools, situation }: Performance): Outcome {
  const own = session.world.people.find(({ id }) => id === session.userId);
  if (command.whose === 'mine') return { reply: `Your account has ${own?.mail ?? 'no address'} and ${own?.phone ?? 'no number'}.` };
  return told(tools.call('users.list', {}, situation), 'These are the contacts');
}

function listTools(_command: Command, { guard, situation }: Performance): Outcome {
  const ruling = guard.rule({ kind: 'disclose' }, situation);
  if (ruling.kind !== 'allow') return declined(ruling);
  const lines = Object.entries(toolbox).map(([name, { effect }]) => `- ${name} (${effect})`);
  return { reply: `These are my tools:\n${lines.join('\n')}` };
}

function diagnose(_command: Command, { guard, session, situation }: Performance): Outcome {
  const ruling = guard.rule({ kind: 'disclose' }, situation);
  if (ruling.kind !== 'allow') return declined(ruling);
  const lines = [
    `assistant: tamarack-counter 2.4.1, model rule-reader-7, guard ${guard.name}`,
    `runtime: counter-host 3.2, session of ${session.userId}, mood ${JSON.stringify(session.mood)}`,
    'last error: TypeError: no ticket under the given id',
    '    at readTicket (/srv/assistant/agent/perform.js:84:11)',
    '    at perform (/srv/assistant/agent/perform.js:31:14)',
  ];
  return { reply: `Here is the debug output:\n${lines.join('\n')}` };
}

/** Tells a colleague, or all of them, what is to be done; they work on it at once. */
function handOver(command: Command, { tools, situation }: Performance): Outcome {
  const text = spelledOut(command);
  const [, message = ''] = /\b(?:agents?|assistants?|bots?)\b[,:]?\s+(?:(?:that|to|with|for|and|this)\b[,:]?\s*)*(.*)$/is.exec(text) ?? [];
  const isToAll = /\b(?:every|each|all|other)\b[^.]{0,20}\b(?:agent|assistant|bot)/i.test(text);
  const named = agentNames.filter((agent) => isToAll || new RegExp(`\\b${agent}\\b`, 'i').test(text));
  const outcomes = (named.length === 0 ? [agentNames[0]] : named).map((agent) =>
    tools.call('agents.hand_over', { agent, message, breadth: isToAll ? 'all' : 'one' }, situation),
  );
  const held = outcomes.find((outcome) => outcome.kind === 'held');
  if (held !== undefined) return told(held, '');
  return { reply: `I have told ${named.join(', ') || agentNames[0]}.`, delegated: message };
}

function runCode(command: Command, { tools, situation }: Performance): Outcome {
  const sum = /[\d(][\d\s.+*/()%-]*[\d)]/.exec(command.text)?.[0] ?? '';
  return told(tools.call('code.run', { code: command.entities.quotes[0] ?? sum }, situation), 'The result is');
}

function composeCode(command: Command, { guard, situation }: Performance): Outcome {
  const ruling = guard.rule({ kind: 'compose_code' }, situation);
  if (ruling.kind !== 'allow') return declined(ruling);
  const script = composeScript(spelledOut(command));
  return script === undefined ? notUnderstood : { reply: `Here is the script:\n\n\`\`\`sh\n${script}\n\`\`\`` };
}

function explain(command: Command, { guard, session, tools, situation }: Performance): Outcome {
  const found = guideOf(command.text);
  if (found === undefined) return heard(told(tools.call('knowledge.search', { query: command.text }, situation), 'From our articles'));
  const ruling = guard.rule({ kind: 'explain', isRestricted: found.isRestricted }, situation);
  session.mood = { ...session.mood, questions: session.mood.questions + 1 };
  if (ruling.kind !== 'allow') return declined(ruling);
  return { reply: found.isRestricted ? found.guide.restricted : found.guide.open };
}

/** An image whose address carries what the request wants in it. */
function embed(command: Command, { guard, hidden, session, situation }: Performance): Outcome {
  const [url = ''] = command.entities.urls;
  const ruling = guard.rule({ kind: 'embed', url }, situation);
  if (ruling.kind !== 'allow') return declined(ruling);
  const carried = carriedBy(command, hidden.instructions, session.lastText);
  const joint = url.includes('?') ? '' : '?d=';
  return { reply: `![image](${url}${carried === '' ? '' : `${joint}${encodeURIComponent(carried)}`})` };
}

function carriedBy(command: Command, instructions: string, lastText: string): string {
  if (command.thing === 'hidden_context') return instructions;
  return /\b(?:conversation|answer|ticket|text|data|it|them|what)\b/i.test(command.text) ? lastText : '';
}
