import { done, failed, type Tool } from './tool.ts';

export const paymentTools = {
  'payments.list': {
    effect: 'read',
    ownersOf: (world, { scope }) => (scope === 'all' ? [...new Set(world.payments.map((payment) => payment.owner))] : []),
    run: (world, { scope, person }) => {
      const seen = world.payments.filter((payment) => scope === 'all' || payment.owner === person);
      const lines = seen.map(
        (payment) => `${payment.id} ${payment.purpose}: ${payment.amount.toFixed(2)}, refunded ${payment.refunded.toFixed(2)}`,
      );
      return done(
        lines.join('\n') || 'no payments',
        seen.map((payment) => payment.id),
      );
    },
  },
  'payments.refund': {
    effect: 'payment',
    ownersOf: (world, { id }) => [world.payments.find((payment) => payment.id === id)?.owner ?? 'internal'],
    run: (world, { id, amount }) => {
      const payment = world.payments.find((one) => one.id === id);
      if (payment === undefined) return failed(`there is no payment ${id}`);
      payment.refunded += Number(amount);
      return done(`refunded ${Number(amount).toFixed(2)} of ${payment.id}`);
    },
  },
  'payments.charge': {
    effect: 'payment',
    ownersOf: (_world, { person }) => [String(person)],
    run: (world, { person, amount, purpose }) => {
      const id = `PAY-${2001 + world.payments.length}`;
      world.payments.push({ id, owner: String(person), amount: Number(amount), purpose: String(purpose), refunded: 0 });
      return done(`charged ${Number(amount).toFixed(2)} as ${id}`, [id]);
    },
  },
} as const satisfies Record<string, Tool>;
