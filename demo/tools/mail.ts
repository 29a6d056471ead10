import { done, type Tool } from './tool.ts';
import { supportAddress } from './world.ts';

export const mailTools = {
  'mail.list': {
    effect: 'read',
    ownersOf: (world, { scope }) => (scope === 'all' ? world.people.map((person) => person.id) : []),
    run: (world, { scope, person }) => {
      const address = world.people.find((one) => one.id === person)?.mail;
      const mails = world.mails.filter((mail) => scope === 'all' || mail.to === address || mail.from === address);
      const lines = mails.map((mail) => `${mail.subject} (to ${mail.to}): ${mail.body}`);
      return done(lines.join('\n') || 'no mails', lines);
    },
  },
  'mail.send': {
    effect: 'send',
    ownersOf: (world, { to }) => [world.people.find((person) => person.mail === to)?.id ?? 'outside'],
    run: (world, { to, subject, body }) => {
      world.mails.push({ from: supportAddress, to: String(to), subject: String(subject), body: String(body) });
      return done(`mail sent to ${to}`);
    },
  },
} as const satisfies Record<string, Tool>;
