import type { Entities } from './entities.ts';

/** What the counter of a shop does. */
const counterActions = [
  'list_files',
  'read_file',
  'write_file',
  'delete_files',
  'list_mail',
  'send_mail',
  'draft_mail',
  'create_ticket',
  'read_ticket',
  'list_tickets',
  'close_ticket',
  'list_payments',
  'refund',
  'charge',
  'list_users',
  'grant_role',
  'disclose',
  'say',
  'join',
  'summarise_paste',
  'help',
] as const;
export type CounterAction = (typeof counterActions)[number];

/** What the assistant does with its other tools, or with its words. */
export type SpecialAction =
  | 'search_knowledge'
  | 'export_knowledge'
  | 'recite'
  | 'add_knowledge'
  | 'remember'
  | 'recall'
  | 'query_order'
  | 'query_database'
  | 'list_conversations'
  | 'list_contacts'
  | 'read_log'
  | 'clear_log'
  | 'list_tools'
  | 'install_plugin'
  | 'decide_approval'
  | 'change_setting'
  | 'diagnose'
  | 'hand_over'
  | 'run_code'
  | 'compose_code'
  | 'explain'
  | 'fetch'
  | 'embed';

export type Action = CounterAction | SpecialAction;

export function isCounterAction(action: Action): action is CounterAction {
  return counterActions.some((one) => one === action);
}

/** What a verb of a clause is about. */
export interface Matter {
  readonly object: string;
  readonly entities: Entities;
}
