/** Keeps the agent from answering the first request that `matches`, until it is released. */
export class Hold<Request> {
  readonly #matches: (request: Request, number: number) => boolean;
  #answer: (() => void) | undefined;
  #wasHeld = false;

  constructor(matches: (request: Request, number: number) => boolean) {
    this.#matches = matches;
  }

  get isHeld(): boolean {
    return this.#answer !== undefined;
  }

  async pass(request: Request, number: number): Promise<void> {
    if (this.#wasHeld || !this.#matches(request, number)) return;
    this.#wasHeld = true;
    await new Promise<void>((resolve) => {
      this.#answer = resolve;
    });
  }

  release(): void {
    this.#answer?.();
  }
}
