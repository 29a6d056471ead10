import { OrdealError } from '../domain/failures.ts';

const maxStreams = 500;

/** The open event streams of this process: bounded, and ended together when it shuts down. */
export class StreamRegistry {
  readonly #open = new Set<AbortController>();
  #isClosed = false;

  /** Throws `shutting_down` when no stream may be opened any more, or too many are. */
  open(): { readonly signal: AbortSignal; readonly close: () => void } {
    if (this.#isClosed) throw new OrdealError('shutting_down', 'This process is shutting down. Connect again.', { retryAfterSeconds: 1 });
    if (this.#open.size >= maxStreams) {
      throw new OrdealError('overloaded', `This process serves ${maxStreams} event streams already. Connect again later.`, {
        retryAfterSeconds: 5,
      });
    }
    const controller = new AbortController();
    this.#open.add(controller);
    return { signal: controller.signal, close: () => void this.#open.delete(controller) };
  }

  closeAll(): void {
    this.#isClosed = true;
    for (const controller of this.#open) controller.abort();
  }
}
