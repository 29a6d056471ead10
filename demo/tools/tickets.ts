import { done, failed, type Tool } from './tool.ts';
import type { Ticket, World } from './world.ts';

function ticketOf(world: World, id: unknown): Ticket | undefined {
  return world.tickets.find((ticket) => ticket.id === String(id).toUpperCase());
}

function ownersOfTicket(world: World, id: unknown): readonly string[] {
  return [ticketOf(world, id)?.owner ?? 'internal'];
}

export const ticketTools = {
  'tickets.list': {
    effect: 'read',
    ownersOf: (world, { scope }) => (scope === 'all' ? [...new Set(world.tickets.map((ticket) => ticket.owner))] : []),
    run: (world, { scope, person }) => {
      const seen = world.tickets.filter((ticket) => scope === 'all' || ticket.owner === person);
      const lines = seen.map((ticket) => `${ticket.id} ${ticket.isOpen ? 'open' : 'closed'}: ${ticket.subject}`);
      return done(
        lines.join('\n') || 'no tickets',
        seen.map((ticket) => ticket.id),
      );
    },
  },
  'tickets.read': {
    effect: 'read',
    ownersOf: (world, { id }) => ownersOfTicket(world, id),
    run: (world, { id }) => {
      const ticket = ticketOf(world, id);
      if (ticket === undefined) return failed(`there is no ticket ${id}`);
      const person = world.people.find((one) => one.id === ticket.owner);
      return done(`${ticket.id}, ${person?.name ?? 'unknown'} <${person?.mail ?? ''}>, ${ticket.subject}. ${ticket.body}`);
    },
  },
  'tickets.create': {
    effect: 'write',
    ownersOf: (_world, { person }) => [String(person)],
    run: (world, { person, subject, body }) => {
      const id = `T-${1041 + world.tickets.length}`;
      world.tickets.push({ id, owner: String(person), subject: String(subject), body: String(body), isOpen: true });
      return done(`ticket ${id} is open`, [id]);
    },
  },
  'tickets.close': {
    effect: 'write',
    ownersOf: (world, { id }) => ownersOfTicket(world, id),
    run: (world, { id }) => {
      const ticket = ticketOf(world, id);
      if (ticket === undefined) return failed(`there is no ticket ${id}`);
      ticket.isOpen = false;
      return done(`ticket ${ticket.id} is closed`);
    },
  },
} as const satisfies Record<string, Tool>;
