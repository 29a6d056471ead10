const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });
const wide =
  /\p{Emoji_Presentation}|\uFE0F|[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6\u{20000}-\u{3FFFD}]/u;

/** How many columns of a terminal a line takes: two for characters of East Asia and emoji, none for what joins the one before. */
export function displayWidth(line: string): number {
  return Array.from(graphemes.segment(line), ({ segment }) => (wide.test(segment) ? 2 : 1)).reduce((sum, width) => sum + width, 0);
}
