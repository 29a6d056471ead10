const contextLength = 40;
const maxLength = 240;

/** Cuts what a reader needs to recognise a span: the span with a little of its surroundings, at most 240 code units of it. */
export function excerptAround(text: string, start: number, end: number): string {
  const from = Math.max(0, start - contextLength);
  const to = Math.min(text.length, Math.min(end, start + maxLength) + contextLength);
  return `${from > 0 ? '…' : ''}${text.slice(from, to).toWellFormed()}${to < text.length ? '…' : ''}`;
}

/** Cuts a text to `limit` code units and says how much is missing. */
export function shorten(text: string, limit: number): string {
  const rest = text.length - limit;
  return rest <= 0 ? text.toWellFormed() : `${text.slice(0, limit).toWellFormed()}… (${rest} more characters)`;
}
