import { done, failed, type Tool } from './tool.ts';

export const userTools = {
  'users.list': {
    effect: 'read',
    ownersOf: (world) => world.people.map((person) => person.id),
    run: (world) => {
      const lines = world.people.map((person) => `${person.id} ${person.name} <${person.mail}> ${person.phone} ${person.role}`);
      return done(lines.join('\n'), lines);
    },
  },
  'users.grant_role': {
    effect: 'permission',
    ownersOf: () => ['internal'],
    run: (world, { person, role }) => {
      const found = world.people.find((one) => one.id === person);
      if (found === undefined) return failed(`there is no user ${person}`);
      found.role = String(role);
      return done(`${found.name} is now ${found.role}`);
    },
  },
} as const satisfies Record<string, Tool>;
