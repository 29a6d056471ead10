/** A queue in which groups take turns, each served in the order of its own: nobody is held up by the length of another's line. */
export class FairQueue<Item> {
  /** In the order of their turns. */
  readonly #groups = new Map<string, Set<Item>>();

  get isEmpty(): boolean {
    return this.#groups.size === 0;
  }

  add(group: string, item: Item): void {
    const line = this.#groups.get(group) ?? new Set();
    line.add(item);
    this.#groups.set(group, line);
  }

  /** The first of each group, the group whose turn it is first. */
  heads(): { readonly group: string; readonly item: Item }[] {
    return [...this.#groups].flatMap(([group, line]) => {
      const [item] = line;
      return item === undefined ? [] : [{ group, item }];
    });
  }

  /** Takes an item out; the turn of its group is over. */
  serve(group: string, item: Item): void {
    const line = this.#groups.get(group);
    this.remove(group, item);
    if (line === undefined || line.size === 0) return;
    this.#groups.delete(group);
    this.#groups.set(group, line);
  }

  /** Takes an item out that gave up. */
  remove(group: string, item: Item): void {
    const line = this.#groups.get(group);
    line?.delete(item);
    if (line?.size === 0) this.#groups.delete(group);
  }
}
