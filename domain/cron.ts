interface CronField {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** Names that may stand for numbers, from `min` on. */
  readonly names: readonly string[];
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const cronFields: readonly CronField[] = [
  { name: 'minute', min: 0, max: 59, names: [] },
  { name: 'hour', min: 0, max: 23, names: [] },
  { name: 'day of the month', min: 1, max: 31, names: [] },
  { name: 'month', min: 1, max: 12, names: months },
  { name: 'day of the week', min: 0, max: 7, names: weekdays },
];

/** Firings a day of the lines that have no fields. */
const shorthands: Readonly<Record<string, number>> = { '@hourly': 24, '@daily': 1, '@weekly': 1, '@monthly': 1, '@yearly': 1 };

/** What is wrong with a cron line, as a sentence behind its field; undefined when it can fire. */
export function cronFault(line: string): string | undefined {
  const text = line.trim();
  if (Object.hasOwn(shorthands, text)) return undefined;
  const parts = text.split(/\s+/);
  if (parts.length !== cronFields.length)
    return `must be five cron fields such as "0 6 * * 1-5", or one of ${Object.keys(shorthands).join(', ')}`;
  for (const [index, field] of cronFields.entries()) {
    if (valuesOf(parts[index] ?? '', field) !== undefined) continue;
    const names = field.names.length === 0 ? '' : ` or ${field.names[0]} to ${field.names.at(-1)}`;
    return `has "${parts[index]}" as its ${field.name}: ${field.min} to ${field.max}${names}, alone, as list (1,3), range (1-5) or step (*/5)`;
  }
  return neverFires(parts) ? 'names a day that no month of it has' : undefined;
}

/** How often a valid line fires in a day, on the days on which it does. */
export function cronFiringsPerDay(line: string): number {
  const text = line.trim();
  const [minute = '', hour = ''] = text.split(/\s+/);
  return shorthands[text] ?? sizeOf(minute, 0) * sizeOf(hour, 1);
}

function sizeOf(part: string, index: number): number {
  const field = cronFields[index];
  return field === undefined ? 0 : (valuesOf(part, field)?.size ?? 0);
}

const longestMonths = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function neverFires([, , day = '', month = '']: readonly string[]): boolean {
  const [, , days, ofYear] = cronFields;
  if (days === undefined || ofYear === undefined) return false;
  const longest = Math.max(...[...(valuesOf(month, ofYear) ?? [])].map((value) => longestMonths[value - 1] ?? 0));
  return Math.min(...(valuesOf(day, days) ?? [])) > longest;
}

/** Every number that a field stands for; undefined when it makes no sense. */
function valuesOf(part: string, field: CronField): ReadonlySet<number> | undefined {
  const values = new Set<number>();
  for (const item of part.split(',')) {
    const [, whole = '', from = '', to, step] = /^(\*|(\w+)(?:-(\w+))?)(?:\/(\d{1,2}))?$/.exec(item) ?? [];
    if (whole === '') return undefined;
    const first = whole === '*' ? field.min : numberOf(from, field);
    const last = whole === '*' || (to === undefined && step !== undefined) ? field.max : numberOf(to ?? from, field);
    const by = step === undefined ? 1 : Number(step);
    if (first === undefined || last === undefined || first > last || by < 1 || by > field.max) return undefined;
    for (let value = first; value <= last; value += by) values.add(value);
  }
  return values;
}

function numberOf(text: string, { min, max, names }: CronField): number | undefined {
  const named = names.indexOf(text.toLowerCase());
  const value = named >= 0 ? named + min : Number(/^\d{1,2}$/.test(text) ? text : Number.NaN);
  return value >= min && value <= max ? value : undefined;
}
