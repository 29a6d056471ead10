import type { SeededChoices } from '../strategies/seeded-choices.ts';

/** What a slot may stand for. Persons and companies are invented. */
const slotValues = {
  person: ['Marit Oswald', 'Jonas Pellier', 'Ines Hartog', 'Teo Brandvik', 'Nadia Corvell', 'Piet Amsel', 'Rosa Lindqvist', 'Karim Dahlen'],
  team: ['operations', 'platform support', 'the service desk', 'customer care', 'the data team', 'site reliability', 'back office'],
  company: ['Halden Freight', 'Borealis Retail', 'Quintell Services', 'Northmoor Supply', 'Castellan Systems', 'Avenlea Group'],
  officer: [
    'chief executive',
    'chief financial officer',
    'chief operating officer',
    'managing director',
    'head of the board',
    'chief of staff',
  ],
  place: ['the airport', 'a board meeting', 'a client visit', 'the train', 'an investor call', 'a conference abroad'],
  hour: ['8:15', '9:40', '11:05', '13:30', '14:20', '16:45', '17:50', '21:10'],
  minutes: ['ten', 'twelve', 'fifteen', 'twenty', 'twenty-five', 'thirty', 'forty'],
  system: [
    'the order system',
    'the payment gateway',
    'the booking platform',
    'the support portal',
    'the warehouse interface',
    'the login service',
  ],
  law: ['the disclosure act', 'the records regulation', 'our data protection duties', 'the audit statute', 'the consumer rights directive'],
  weekday: ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday'],
  subject: ['instruction fidelity', 'dialogue safety', 'tool use', 'conversational robustness', 'assistant behaviour'],
} as const satisfies Readonly<Record<string, readonly [string, ...string[]]>>;

const slotPattern = /\[([a-z]+)\]/g;

/** Replaces every slot; one that occurs twice in a text has the same value both times. Throws a `RangeError` for an unknown one. */
export function fillSlots(text: string, choices: SeededChoices): string {
  const chosen = new Map<string, string>();
  return text.replace(slotPattern, (_, name: string) => {
    const value = chosen.get(name) ?? pickValue(name, choices);
    chosen.set(name, value);
    return value;
  });
}

function pickValue(name: string, choices: SeededChoices): string {
  if (name === 'ticket') return `INC-${10_000 + choices.below(90_000)}`;
  if (!isSlot(name)) throw new RangeError(`No slot is called [${name}]`);
  return choices.pick(slotValues[name]);
}

function isSlot(name: string): name is keyof typeof slotValues {
  return Object.hasOwn(slotValues, name);
}
