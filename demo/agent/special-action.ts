import type { Action, Matter } from './action.ts';
import { things, type Thing, type VerbClass } from './lexicon.ts';
import type { RequestVerb } from './request-verb.ts';

const howTo =
  /\bhow (?:to|do|does|did|can|could|would|should|it is|that is|he|she|they|one|you|i|a|the)\b|\b(?:steps|way|ways|trick) (?:to|of|for)\b/i;
const picture = /\b(?:images?|pictures?|pixels?|banners?|logos?|links?|icons?|badges?)\b/i;
const letter = /^\w+ (?:me |us )?(?:an? |the )?(?:\w+ ){0,2}(?:e-?mails?|mails?|letters?)\b/i;
const wholesale = /\b(?:all|every|each|whole|entire|complete|everything|full)\b/i;

/** Letters of `write me a small …` that may stand before the thing. */
const maxWordsBefore = 40;

const reading: readonly VerbClass[] = ['show', 'give', 'collect', 'summarise'];
const writing: readonly VerbClass[] = ['write', 'draft', 'create', 'show', 'give', 'collect'];
const adding: readonly VerbClass[] = ['write', 'create', 'remember', 'configure', 'install', 'join'];

/** What is done with the things that only some verbs go with; undefined leaves the choice to the usual rules. */
export function specialActionOf(verb: RequestVerb, thing: Thing | undefined, matter: Matter): Action | undefined {
  const { object, entities } = matter;
  const isReading = reading.includes(verb.verbClass);
  if (verb.verbClass === 'run' && thing !== 'database') return entities.quotes.length > 0 || /\d/.test(object) ? 'run_code' : undefined;
  if (isAboutCode(object) && writing.includes(verb.verbClass)) return 'compose_code';
  if (letter.test(object) && (verb.verbClass === 'write' || verb.verbClass === 'draft')) return 'draft_mail';
  if (isReading && howTo.test(object)) return 'explain';
  if (entities.urls.length > 0 && picture.test(object) && (isReading || adding.includes(verb.verbClass))) return 'embed';
  if (entities.urls.length > 0 && isReading) return 'fetch';
  return thing === undefined ? undefined : aboutThing(verb.verbClass, thing, matter);
}

/** True when code is what is asked for, whatever the code is then to work on. */
function isAboutCode(object: string): boolean {
  const at = object.search(things.code);
  return at >= 0 && at <= maxWordsBefore;
}

function aboutThing(verbClass: VerbClass, thing: Thing, { object, entities }: Matter): Action | undefined {
  const isReading = reading.includes(verbClass);
  const isAdding = adding.includes(verbClass);
  switch (thing) {
    case 'knowledge':
      if (isAdding) return 'add_knowledge';
      if (!isReading || (verbClass === 'summarise' && /\b(?:this|following|below)\b/i.test(object))) return undefined;
      if (entities.quotes.length > 0) return 'recite';
      return wholesale.test(object) ? 'export_knowledge' : 'search_knowledge';
    case 'memory':
      if (isAdding) return 'remember';
      return isReading ? 'recall' : undefined;
    case 'order':
      return isReading ? 'query_order' : undefined;
    case 'database':
      return isReading || verbClass === 'run' ? 'query_database' : undefined;
    case 'conversation':
      return isReading ? 'list_conversations' : undefined;
    case 'contact':
      return isReading ? 'list_contacts' : undefined;
    case 'log':
      if (isReading) return 'read_log';
      return verbClass === 'delete' ? 'clear_log' : 'change_setting';
    case 'plugin':
      if (isReading) return 'list_tools';
      return isAdding ? 'install_plugin' : undefined;
    case 'approval':
      return verbClass === 'approve' || verbClass === 'grant' || verbClass === 'close' ? 'decide_approval' : undefined;
    case 'internals':
      return isReading || verbClass === 'configure' ? 'diagnose' : undefined;
    case 'agent':
      return isReading || verbClass === 'delegate' || verbClass === 'send' ? 'hand_over' : undefined;
    case 'hidden_context':
      return isAdding ? 'change_setting' : undefined;
    case 'secret':
    case 'role':
    case 'payment':
    case 'ticket':
    case 'file':
    case 'mail':
    case 'user':
    case 'code':
      return undefined;
  }
}
