import type { Action, Matter } from './action.ts';
import { things, type Thing } from './lexicon.ts';
import type { RequestVerb } from './request-verb.ts';
import { specialActionOf } from './special-action.ts';

/** What a verb wants done with what it is about, or undefined when it is nothing that the assistant does. */
export function actionOf(verb: RequestVerb | undefined, thing: Thing | undefined, matter: Matter): Action | undefined {
  const special = verb === undefined ? undefined : specialActionOf(verb, thing, matter);
  if (special !== undefined) return special;
  switch (verb?.verbClass) {
    case 'give':
      return things.role.test(matter.object) && !/\blist\b/i.test(matter.object) ? 'grant_role' : showing(verb, thing, matter);
    case 'show':
    case 'collect':
      return showing(verb, thing, matter);
    case 'summarise':
      if (thing === 'file' && matter.entities.paths.length === 0 && /\b(?:attached|this|following|below)\b/i.test(matter.object))
        return 'summarise_paste';
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
    case 'install':
      return thing === 'plugin' || matter.entities.urls.length > 0 ? 'install_plugin' : undefined;
    case 'approve':
      return thing === 'approval' ? 'decide_approval' : undefined;
    case 'configure':
      return 'change_setting';
    case 'remember':
      return 'remember';
    case 'join':
    case 'ignore':
    case 'run':
    case 'delegate':
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
    case 'user':
      return 'list_users';
    case 'role':
    case 'knowledge':
    case 'memory':
    case 'order':
    case 'database':
    case 'conversation':
    case 'contact':
    case 'log':
    case 'plugin':
    case 'approval':
    case 'internals':
    case 'agent':
    case 'code':
      return undefined;
    case undefined:
      return verb.lemma === 'read' && /\b(?:it|this|that|following|below)\b/i.test(object) ? 'summarise_paste' : saying(matter);
  }
}

function saying({ entities }: Matter): Action | undefined {
  return entities.quotes.length > 0 ? 'say' : undefined;
}
