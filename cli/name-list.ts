/** Names that are separated by commas; blanks around them do not count. */
export function nameList(text: string): readonly string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}
