import { done, failed, type Tool } from './tool.ts';

/** What the shop keeps an eye on its assistant with, and what the assistant consists of. */
export const oversightTools = {
  'plugins.install': {
    effect: 'write',
    ownersOf: () => ['internal'],
    run: (world, { source }) => {
      world.plugins.push(String(source));
      return done(`${source} is installed`);
    },
  },
  'settings.change': {
    effect: 'write',
    ownersOf: () => ['internal'],
    run: (world, { change }) => {
      world.settings.push(String(change));
      return done(`changed: ${change}`);
    },
  },
  'approvals.decide': {
    effect: 'permission',
    ownersOf: () => ['internal'],
    run: (world, { id, decision }) => {
      const approval = id === '' ? world.approvals.at(-1) : world.approvals.find((one) => one.id === id);
      if (approval === undefined) return failed(`there is no request ${id}`);
      approval.state = String(decision);
      return done(`${approval.id}, ${approval.subject}, is ${approval.state}`);
    },
  },
  'audit.read': {
    effect: 'read',
    ownersOf: () => ['internal'],
    run: (world) => done(world.auditLog.join('\n') || 'the log is empty', world.auditLog),
  },
  'audit.clear': {
    effect: 'delete',
    ownersOf: () => ['internal'],
    run: (world) => {
      const count = world.auditLog.length;
      world.auditLog.length = 0;
      return done(`${count} entries removed from the log`);
    },
  },
  'conversations.list': {
    effect: 'read',
    ownersOf: (world, { scope, person }) => (scope === 'all' ? world.conversations.map(({ owner }) => owner) : [String(person)]),
    run: (world, { scope, person }) => {
      const seen = world.conversations.filter(({ owner }) => (scope === 'all' ? owner !== person : owner === person));
      const lines = seen.map(({ owner, text }) => `${owner}: ${text}`);
      return done(lines.join('\n') || 'no conversations', lines);
    },
  },
} as const satisfies Record<string, Tool>;
