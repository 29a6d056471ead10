import type { RequestMethod } from '../../domain/target.ts';
import type { TargetRequest } from '../../domain/target-request.ts';
import type { EgressResponse } from '../egress/egress.ts';
import type { TargetLine } from './target-line.ts';

/**
 * What the client of a protocol is given in place of `fetch`: everything goes over the line to the target. Between
 * `beginSaying` and `endSaying` the first POST is the one that carries the exchange, and a second one is refused.
 */
export class ProtocolFetch {
  readonly #line: TargetLine;
  readonly #what: string;
  readonly #methods: readonly string[];
  #isSaying = false;
  #fault: Error | undefined;
  #last: EgressResponse | undefined;

  /** `what` names the requests around the exchange, such as `Opening the MCP session`; other `methods` get 405 unsent. */
  constructor(line: TargetLine, { what, methods }: { readonly what: string; readonly methods: readonly RequestMethod[] }) {
    this.#line = line;
    this.#what = what;
    this.#methods = methods;
  }

  /** Why a request brought no answer; protocol clients bury it in errors of their own. */
  get fault(): Error | undefined {
    return this.#fault;
  }

  /** What the last request brought. */
  get last(): EgressResponse | undefined {
    return this.#last;
  }

  #isTaken(method: string): method is RequestMethod {
    return this.#methods.includes(method);
  }

  beginSaying(): void {
    this.#isSaying = true;
  }

  endSaying(): void {
    this.#isSaying = false;
  }

  readonly fetch = async (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const method = (init.method ?? 'GET').toUpperCase();
    if (!this.#isTaken(method)) return new Response(null, { status: 405 });
    const url = input instanceof Request ? input.url : String(input);
    const body = typeof init.body === 'string' ? { body: init.body } : {};
    const request: TargetRequest = { method, url, headers: Object.fromEntries(new Headers(init.headers)), ...body };
    const isExchange = this.#isSaying && method === 'POST';
    try {
      this.#last = isExchange ? await this.#line.say(request) : await this.#line.ask(request, this.#what);
      return toResponse(this.#last);
    } catch (error) {
      // What became of the exchange outweighs whatever happened around it.
      if (isExchange || this.#fault === undefined) this.#fault = error instanceof Error ? error : new Error(String(error));
      throw error;
    }
  };
}

function toResponse({ status, headers, body }: EgressResponse): Response {
  const hasBody = status !== 204 && status !== 205;
  // Already decoded: the headers of its transfer are no longer true.
  const kept = Object.entries(headers).filter(([name]) => !/^(content-encoding|content-length|transfer-encoding|set-cookie)$/.test(name));
  return new Response(hasBody ? Uint8Array.from(body) : null, { status, headers: kept });
}
