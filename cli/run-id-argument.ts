import { idArgument } from './id-argument.ts';

/** The RUN argument of a command. */
export const runIdArgument = idArgument('run', '`ordeal runs` lists them');
