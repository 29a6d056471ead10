/**
 * Text as it may be shown in a terminal: what an agent or a script wrote must not move the cursor, hide lines or set
 * colours. Control characters but line break and tab, and those that change the direction of writing, become U+FFFD.
 */
export function printable(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(unsafe, '\uFFFD');
}

/** The same on one line. */
export function printableLine(text: string): string {
  return printable(text).replace(/[\n\t\u2028\u2029]+/g, ' ');
}

// oxlint-disable-next-line no-control-regex -- control characters are what it is about
const unsafe = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u200E\u200F\u202A-\u202E\u2066-\u2069]/g;
