import type { AgentEvent } from '../model/agent-state.ts';
import { oneLine } from '../model/text.ts';
import { MAX_ASKED_BYTES } from '../names/cri.ts';

const SERVED_AGAIN = {
  metrics: 'Metrics are served again.',
  status: 'The status socket is served again.',
  cri: "The names' socket is served again.",
} as const;

type Say = (
  message: AgentEvent['message'],
  level: AgentEvent['level'],
  sentence: string,
  data?: AgentEvent['data'],
) => void;

/** The agent's events about its servers, which know nothing of passes. */
export class ServerReports {
  readonly #say: Say;

  constructor(say: Say) {
    this.#say = say;
  }

  /** @param error why the server cannot serve; null when it can again */
  server(server: keyof typeof SERVED_AGAIN, error: string | null): void {
    if (error === null) this.#say(`rollcall.${server}.available`, 'info', SERVED_AGAIN[server]);
    else this.#say(`rollcall.${server}.unavailable`, 'error', error);
  }

  /** @param problem why the files with names cannot be written; null when they can again */
  nameFiles(directory: string, problem: string | null): void {
    if (problem === null) {
      this.#say('rollcall.names.written', 'info', `The files in ${directory} are current again.`);
      return;
    }
    const sentence = `The files with names in ${directory} cannot be written (${problem}).`;
    this.#say('rollcall.names.not-written', 'error', sentence);
  }

  /** @param containers that have the id, or 0 if it is not one of theirs */
  misnamed(id: string, containers: number): void {
    const shown = oneLine(id, MAX_ASKED_BYTES);
    const has =
      containers === 0
        ? 'which no container has'
        : `with which the ids of ${containers} containers begin`;
    const sentence = `A sensor asked for the container ${shown}, ${has}: it gives this id to processes of several containers, and none gets a name. Run rollcall sensors.`;
    this.#say('rollcall.cri.misnamed', 'info', sentence, { id: shown });
  }

  /** @param ids that had no line of their own in the last hour */
  moreMisnamed(ids: number): void {
    const sentence = `In the last hour, sensors gave processes of several containers ${ids} more ids. Run rollcall sensors.`;
    this.#say('rollcall.cri.misnamed', 'info', sentence, { ids });
  }

  /** @param error why changed files of `metrics.tls` cannot be used; null when they can again */
  renewal(error: string | null): void {
    if (error === null) {
      this.#say('rollcall.metrics.renewed', 'info', 'The files of metrics.tls can be used again.');
      return;
    }
    const sentence = `The files of metrics.tls have changed and cannot be used, so the earlier ones stay in use. ${error}`;
    this.#say('rollcall.metrics.not-renewed', 'error', sentence);
  }
}
