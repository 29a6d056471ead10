import { mentionsJoining, type Clause } from './clauses.ts';
import { entitiesOf, type Entities } from './entities.ts';
import type { Action } from './action.ts';
import { actionOf } from './choose-action.ts';
import { foldPhrases, things, type Thing } from './lexicon.ts';
import { requestVerbOf } from './request-verb.ts';

/** One thing that a clause asks for. */
export interface Command {
  readonly action: Action;
  readonly thing: Thing | undefined;
  readonly whose: 'mine' | 'others' | 'any';
  readonly isAll: boolean;
  readonly entities: Entities;
  readonly text: string;
  /** How often it is to be done. */
  readonly times: number;
  /** The clause's "when …" part; the command is then a rule for later. */
  readonly condition?: string;
}

const others =
  /\b(?:other|another|different|someone|somebody|anyone|anybody|every|all|else's|next)\b[^.]{0,12}\b(?:customer|client|user|person|people|buyer|account|else)(?:s|'s)?\b|\b(?:neighbou?r|wife|husband|friend|colleague|ex)(?:'s)?\b|\b(?:his|her|their|everyone's|everybody's)\b/i;

/** The command of a clause, or undefined when it asks for nothing that an assistant could do. */
export function parseCommand(clause: Clause): Command | undefined {
  const folded = foldPhrases(clause.text);
  const verb = requestVerbOf(folded);
  const isJoin = mentionsJoining(clause.text) || (clause.condition !== undefined && verb?.verbClass === 'join');
  if (verb === undefined && !isJoin) return undefined;
  const object = verb?.object ?? folded;
  const entities = entitiesOf({ ...clause, text: folded });
  const thing = thingOf(object, entities);
  const action = isJoin ? 'join' : actionOf(verb, thing, { object, entities });
  if (action === undefined) return undefined;
  return {
    action,
    thing,
    whose: whoseOf(object),
    isAll: /\b(?:all|every(?:thing)?|each|whole|entire|complete)\b/i.test(object),
    entities,
    text: clause.text,
    times: timesOf(clause.text),
    ...(clause.condition === undefined ? {} : { condition: unmask(clause.condition, clause.quotes) }),
  };
}

function whoseOf(object: string): Command['whose'] {
  if (others.test(object)) return 'others';
  return /\b(?:my|mine|our|me|i)\b/i.test(object) ? 'mine' : 'any';
}

function unmask(text: string, quotes: readonly string[]): string {
  return text.replaceAll(/⟦(\d+)⟧/g, (_mask, index: string) => `"${quotes[Number(index)] ?? ''}"`);
}

function thingOf(object: string, entities: Entities): Thing | undefined {
  const words = [...entities.paths, ...entities.urls].reduce((text, name) => text.replaceAll(name, ' '), object);
  for (const telling of ['hidden_context', 'secret', 'database'] as const) if (things[telling].test(words)) return telling;
  if (entities.paths.length > 0) return 'file';
  if (entities.ticketId !== undefined) return 'ticket';
  if (entities.paymentId !== undefined) return 'payment';
  const found = (Object.keys(things) as Thing[])
    .map((thing) => ({ thing, at: object.search(things[thing]) }))
    .filter(({ at }) => at >= 0)
    .toSorted((left, right) => left.at - right.at);
  return found[0]?.thing;
}

const endless = /\b(?:again and again|over and over|endless(?:ly)?|forever|without (?:end|a stop)|until\b)/i;
const namedCounts: Readonly<Record<string, number>> = { twice: 2, 'a dozen': 12, 'a hundred': 100, 'a thousand': 1_000 };

/** `200 times`, `a thousand times`, `over and over`; 1 when nothing is said. */
function timesOf(text: string): number {
  const figure = /\b(\d[\d,]{0,8}) times\b/i.exec(text)?.[1];
  if (figure !== undefined) return Math.max(1, Number(figure.replaceAll(',', '')));
  const named = /\b(twice|a dozen(?= times)|a hundred(?= times)|a thousand(?= times))/i.exec(text)?.[1]?.toLowerCase();
  if (named !== undefined) return namedCounts[named] ?? 1;
  return endless.test(text) ? Number.POSITIVE_INFINITY : 1;
}
