/**
 * Escapes a text so that Markdown shows it as it is, on one line: no markup, HTML, table cell, link, image, mention or
 * hidden character comes out of it. Safe inside a sentence, a heading and a table cell.
 */
export function escapeMarkdown(text: string): string {
  return (
    showHidden(text)
      .replace(/\s+/g, ' ')
      .trim()
      .replace(/&/g, '&amp;')
      .replace(/</g, '&lt;')
      .replace(/>/g, '&gt;')
      .replace(/[\\`*_[\]#|~!$()]/g, '\\$&')
      // Autolinks and mentions of GitHub's dialect need no brackets.
      .replace(/@/g, '&#64;')
      .replace(/:\/\//g, ':&#47;&#47;')
      .replace(/www\./gi, (prefix) => `${prefix.slice(0, 3)}&#46;`)
      .replace(/^[-+=]|^\d{1,9}(?=[.)])/, (start) => (/^\d/.test(start) ? `${start}\\` : `\\${start}`))
  );
}

/** Puts a text into a fenced block that it cannot close. Line breaks and tabs stay. */
export function fenceMarkdown(text: string): string {
  const shown = showHidden(text);
  const longest = [...shown.matchAll(/`+/g)].reduce((length, [run]) => Math.max(length, run.length), 0);
  const fence = '`'.repeat(Math.max(3, longest + 1));
  return `${fence}text\n${shown}\n${fence}`;
}

/** Writes control, bidirectional and zero-width characters as `\u{…}`, so that what is read is what is there. */
export function showHidden(text: string): string {
  return text
    .toWellFormed()
    .replace(/\r\n?|\u2028|\u2029/g, '\n')
    .replace(/(?![\n\t])[\p{Cc}\p{Cf}]/gu, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}
