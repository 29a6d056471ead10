/** A moment of the API as the person at this terminal reads it: their own time zone, which is named. */
export function localTime(timestamp: string): string {
  const parts = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(timestamp));
  return `${parts} ${zoneOf(timestamp)}`;
}

/** The same with how far off it is from `nowMs`. */
export function localTimeAndDistance(timestamp: string, nowMs: number): string {
  const awayMs = Date.parse(timestamp) - nowMs;
  return `${localTime(timestamp)} (${awayMs < 0 ? `${distance(-awayMs)} ago` : `in ${distance(awayMs)}`})`;
}

function zoneOf(timestamp: string): string {
  const parts = new Intl.DateTimeFormat('en-GB', { hour: 'numeric', timeZoneName: 'short' }).formatToParts(new Date(timestamp));
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
}

function distance(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return 'less than a minute';
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} days`;
}
