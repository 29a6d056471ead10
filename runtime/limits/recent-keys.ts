/** A map of bounded size, which forgets what was not set for the longest time. */
export class RecentKeys<Value> {
  readonly #values = new Map<string, Value>();
  readonly #maxKeys: number;

  constructor(maxKeys: number) {
    this.#maxKeys = maxKeys;
  }

  get(key: string): Value | undefined {
    return this.#values.get(key);
  }

  set(key: string, value: Value): void {
    this.#values.delete(key);
    this.#values.set(key, value);
    const [oldest] = this.#values.keys();
    if (this.#values.size > this.#maxKeys && oldest !== undefined) this.#values.delete(oldest);
  }
}
