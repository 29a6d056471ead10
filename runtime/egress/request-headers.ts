import { framingHeaders } from '../../domain/framing-headers.ts';

const tokenPattern = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** Tab, printable ASCII and the upper half of Latin-1: what an HTTP/1.1 field value may hold. */
const valuePattern = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Headers that decide framing and routing. They belong to the egress module: a template that sets one could smuggle a second request. */
const ownHeaders: ReadonlySet<string> = new Set([...framingHeaders, 'proxy-authorization']);

/** Says what is wrong with these headers, by name and never by value, or nothing. */
export function findHeaderProblem(headers: Readonly<Record<string, string>>): string | undefined {
  for (const [name, value] of Object.entries(headers)) {
    if (!tokenPattern.test(name)) return 'A header name holds a character that HTTP does not allow';
    if (ownHeaders.has(name.toLowerCase())) return `The header ${name} is set by Ordeal and cannot be configured`;
    if (!valuePattern.test(value))
      return `The value of the header ${name} holds a line break or another character that HTTP does not allow`;
  }
  return undefined;
}

/** The headers that go out, in lower case. Compressed answers are never asked for: their size is not known before they are read. */
export function outgoingHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  const lowered = Object.entries(headers).map(([name, value]): [string, string] => [name.toLowerCase(), value]);
  return { ...Object.fromEntries(lowered), 'accept-encoding': 'identity' };
}
