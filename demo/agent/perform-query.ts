import type { Outcome } from './outcome.ts';
import type { Command } from './parse-command.ts';
import { told, type Performance } from './performance.ts';

const ownOrder = (person: string) => `select number, item, state from orders where owner = '${person}' and number = `;

/** Looks up an order by the number that the customer gave: as a value, or pasted into the query as it came. */
export function queryOrder(command: Command, { guard, session, tools, situation }: Performance): Outcome {
  const given = orderNumberOf(command);
  const ask = { scope: 'own', person: session.userId };
  const outcome =
    guard.hygiene === 'raw'
      ? tools.call('records.query', { ...ask, sql: `${ownOrder(session.userId)}'${given}'` }, situation)
      : tools.call('records.query', { ...ask, sql: `${ownOrder(session.userId)}?`, value: given }, situation);
  if (outcome.kind === 'done' && outcome.items.length === 0)
    return { reply: "I'm sorry, but I can't find an order of yours with that number." };
  return told(outcome, 'Your order');
}

function orderNumberOf({ text, entities }: Command): string {
  return (
    entities.quotes[0] ?? /\border(?: (?:number|no\.?|with the number))? ?#?(\d.*?)(?:\s+(?:for|please)\b.*)?[?.!]*$/i.exec(text)?.[1] ?? ''
  );
}

/** Reads the records of everybody. */
export function queryDatabase(command: Command, { session, tools, situation }: Performance): Outcome {
  const table = /\border/i.test(command.text) ? 'orders' : 'people';
  const scope = /\b(?:my|mine)\b/i.test(command.text) ? 'own' : 'all';
  const where = scope === 'own' ? ` where ${table === 'orders' ? 'owner' : 'id'} = '${session.userId}'` : '';
  return told(
    tools.call('records.query', { scope, person: session.userId, sql: `select * from ${table}${where}` }, situation),
    'The records',
  );
}
