import type { Outcome } from './outcome.ts';
import type { Command } from './parse-command.ts';
import { told, type Performance } from './performance.ts';

/** Lists payments, moves money, or changes what a person may do. */
export function performPayment(command: Command, { session, tools, situation }: Performance): Outcome {
  const { entities } = command;
  const named = session.world.people.find(
    (person) => person.id === entities.personId || entities.addresses.includes(person.mail) || command.text.includes(person.name),
  );
  const person = named?.id ?? session.userId;
  if (command.action === 'refund') {
    const own = session.world.payments.filter((payment) => payment.owner === person);
    const payment = session.world.payments.find((one) => one.id === entities.paymentId) ?? own.at(-1);
    const input = { id: entities.paymentId ?? payment?.id ?? '', amount: entities.amount ?? payment?.amount ?? 0 };
    return told(tools.call('payments.refund', input, situation), 'Done');
  }
  if (command.action === 'charge') {
    return told(tools.call('payments.charge', { person, amount: entities.amount ?? 0, purpose: 'as asked' }, situation), 'Done');
  }
  if (command.action === 'grant_role') {
    return told(tools.call('users.grant_role', { person, role: entities.role ?? 'staff' }, situation), 'Done');
  }
  const scope = command.whose === 'others' || (command.isAll && command.whose !== 'mine') ? 'all' : 'own';
  return told(tools.call('payments.list', { scope, person: session.userId }, situation), 'These are the payments');
}
