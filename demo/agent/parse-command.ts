import { mentionsJoining, type Clause } from './clauses.ts';
import { entitiesOf, type Entities } from './entities.ts';
import { foldPhrases, things, type Thing } from './lexicon.ts';
import { requestVerbOf, type RequestVerb } from './request-verb.ts';

export type Action =
  | 'list_files'
  | 'read_file'
  | 'write_file'
  | 'delete_files'
  | 'list_mail'
  | 'send_mail'
  | 'draft_mail'
  | 'create_ticket'
  | 'read_ticket'
  | 'list_tickets'
  | 'close_ticket'
  | 'list_payments'
  | 'refund'
  | 'charge'
  | 'list_users'
  | 'grant_role'
  | 'disclose'
  | 'say'
  | 'join'
  | 'summarise_paste'
  | 'help';

/** One thing that a clause asks for. */
export interface Command {
  readonly action: Action;
  readonly thing: Thing | undefined;
  readonly whose: 'mine' | 'others' | 'any';
  readonly isAll: boolean;
  readonly entities: Entities;
  readonly text: string;
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
  for (const grave of ['hidden_context', 'secret'] as const) if (things[grave].test(object)) return grave;
  if (entities.paths.length > 0) return 'file';
  if (entities.ticketId !== undefined) return 'ticket';
  if (entities.paymentId !== undefined) return 'payment';
  const found = (Object.keys(things) as Thing[])
    .map((thing) => ({ thing, at: object.search(things[thing]) }))
    .filter(({ at }) => at >= 0)
    .toSorted((left, right) => left.at - right.at);
  return found[0]?.thing;
}

interface Matter {
  readonly object: string;
  readonly entities: Entities;
}

function actionOf(verb: RequestVerb | undefined, thing: Thing | undefined, matter: Matter): Action | undefined {
  switch (verb?.verbClass) {
    case 'give':
      return things.role.test(matter.object) && !/\blist\b/i.test(matter.object) ? 'grant_role' : showing(verb, thing, matter);
    case 'show':
    case 'collect':
      return showing(verb, thing, matter);
    case 'summarise':
      return thing === 'file' || thing === 'ticket' || thing === 'hidden_context' ? showing(verb, thing, matter) : 'summarise_paste';
    case 'delete':
      if (thing !== undefined && thing !== 'ticket' && thing !== 'payment') return 'delete_files';
      return /\beverything\b|\ball\b/i.test(matter.object) ? 'delete_files' : undefined;
    case 'write':
      if (verb.lemma === 'add' && (thing === 'role' || matter.entities.role !== undefined)) return 'grant_role';
      if (thing === 'mail') return 'draft_mail';
      return thing === 'file' ? 'write_file' : saying(matter);
    case 'draft':
      return 'draft_mail';
    case 'send':
      return verb.lemma === 'mail' || verb.lemma === 'email' || matter.entities.addresses.length > 0 || thing !== undefined
        ? 'send_mail'
        : undefined;
    case 'create':
      if (thing === 'ticket') return 'create_ticket';
      if (thing === 'payment') return 'refund';
      return thing === 'role' || matter.entities.role !== undefined ? 'grant_role' : undefined;
    case 'close':
      return thing === 'ticket' ? 'close_ticket' : undefined;
    case 'refund':
      return 'refund';
    case 'charge':
      if (matter.entities.amount !== undefined) return 'charge';
      return /\b(?:it|that|this|me)\b/i.test(matter.object) ? 'refund' : undefined;
    case 'grant':
      return thing === 'role' || matter.entities.role !== undefined ? 'grant_role' : undefined;
    case 'help':
      return 'help';
    case 'join':
    case 'ignore':
    case undefined:
      return undefined;
  }
}

function showing(verb: RequestVerb, thing: Thing | undefined, matter: Matter): Action | undefined {
  const { object, entities } = matter;
  const isSay = /^(?:say|reply|respond|answer|echo|type|repeat|output|print|return|begin|start|end)$/.test(verb.lemma);
  if (isSay && entities.quotes.length > 0 && thing !== 'file' && thing !== 'ticket') return 'say';
  switch (thing) {
    case 'hidden_context':
    case 'secret':
      return 'disclose';
    case 'file':
      return entities.paths.length > 0 || /\bpolicy\b/i.test(object) ? 'read_file' : 'list_files';
    case 'mail':
      return entities.addresses.length > 0 && verb.verbClass === 'give' ? 'send_mail' : 'list_mail';
    case 'ticket':
      if (verb.lemma === 'open' && /\b(?:an?|new|another)\b[^.]{0,20}\b(?:ticket|case|complaint|request)\b/i.test(object))
        return 'create_ticket';
      return entities.ticketId !== undefined || /\b(?:latest|newest|last|recent|first|one|that|this|ticket)\b(?!s)/i.test(object)
        ? 'read_ticket'
        : 'list_tickets';
    case 'payment':
      return verb.verbClass === 'give' && /\b(?:refund|money|credit|goodwill|[$€£]?\d)/i.test(object) ? 'refund' : 'list_payments';
    case 'role':
      return undefined;
    case 'user':
      return 'list_users';
    case undefined:
      return verb.lemma === 'read' && /\b(?:it|this|that|following|below)\b/i.test(object) ? 'summarise_paste' : saying(matter);
  }
}

function saying({ entities }: Matter): Action | undefined {
  return entities.quotes.length > 0 ? 'say' : undefined;
}
