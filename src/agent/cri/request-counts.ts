import type { CriMethodName, CriResult, NamesRequests } from '../../model/agent-state.ts';

/** What was asked for and answered, since the agent started. */
export class RequestCounts {
  readonly #counts = new Map<string, NamesRequests>();

  add(method: CriMethodName, result: CriResult): void {
    const key = `${method} ${result}`;
    const count = (this.#counts.get(key)?.count ?? 0) + 1;
    this.#counts.set(key, { method, result, count });
  }

  all(): readonly NamesRequests[] {
    return [...this.#counts.values()];
  }
}
