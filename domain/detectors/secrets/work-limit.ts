/** Characters read again beyond the one pass over the text; a megabyte of prose or code takes 150,000 to 550,000. */
const mostCharacters = 600_000;
/** What a look costs however short the text is, in characters. */
const costOfLook = 40;

/**
 * How much closer looks may cost in one text. Text that only imitates secrets, at every place anew, would otherwise take
 * minutes a megabyte. Whoever meets an exhausted limit has not seen everything and must say so.
 */
export class WorkLimit {
  #left = mostCharacters;

  /** Counts one close look at so many characters; false when the limit is reached and the search has to end. */
  spend(characters: number): boolean {
    this.#left -= characters + costOfLook;
    return this.#left > 0;
  }

  get isExhausted(): boolean {
    return this.#left <= 0;
  }
}
