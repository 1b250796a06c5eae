import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import fs from 'node:fs';
import { dirname } from 'node:path';
import type { Cell } from '../../tools/demo-cell/cell/cell.ts';
import { freePort } from '../../tools/free-port.ts';
import { expectDocumentedAnswer, expectLogLine } from '../json-schemas.ts';
import { PROGRAM } from '../rollcall-program.ts';
import { MAX_WAIT, waitFor } from '../wait-for.ts';
import { atEndOfTest } from '../at-end-of-test.ts';
import { answerTo } from './cells.ts';
import { MINUTE } from './movable-clock.ts';
import { inside, statuses, type Ran, type ReportJson } from './rollcall.ts';
import { expect } from 'chai';
import { isDeepStrictEqual } from 'node:util';

const CONFIG = '/var/vcap/data/agent/config.json';
export const STATUS_SOCKET = '/var/vcap/data/agent/status/rollcall.sock';
export const MEMORY = '/var/vcap/data/agent/memory/memory.json';
/**
 * Longer than a busy machine stops a process, and shorter than a test waits for what the agent says
 * of a Garden that hangs.
 */
const GARDEN_TIMEOUT_SECONDS = 8;
/** Where each process of a command is, in the kernel and in signals. */
const stateOf = (command: string): string => `for pid in $(pgrep -f '${command}'); do
  tr '\\0' ' ' </proc/$pid/cmdline; echo
  grep -E '^(Name|State|Sig|Shd)' /proc/$pid/status
  for file in wchan syscall stack; do echo "$file: $(cat /proc/$pid/$file 2>&1)"; done
done`;

export interface LogLine {
  readonly timestamp: string;
  readonly level: string;
  readonly source: string;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Makes an agent compare each of its passes with a full one: a difference is a line in its log. */
export const VERIFYING: readonly string[] = ['--verify-passes', '1'];

/** The agent in a cell, started and killed as monit would; what it wrote in all its lives. */
export class RunningAgent {
  readonly lines: string[] = [];
  /** Called with each line when it comes. */
  heard: (line: string) => void = () => undefined;
  readonly #parsed: LogLine[] = [];
  /** Of /metrics, on this machine: a cell in a box shares its network. Known once prepared. */
  port = 0;
  readonly #cell: Cell;
  readonly #wrapper: readonly string[];
  readonly #options: readonly string[];
  #ended: Promise<number | string> | null = null;

  /** @param wrapper before its command, and `options` after it */
  constructor(cell: Cell, wrapper: readonly string[] = [], options: readonly string[] = []) {
    this.#cell = cell;
    this.#wrapper = wrapper;
    this.#options = options;
  }

  /**
   * Writes the configuration, makes the folders that the job would make, and removes the memory of
   * any agent that ran before.
   */
  async prepare(config: object, owner: string | null = null): Promise<void> {
    this.port = await freePort();
    const text = JSON.stringify({
      garden: { timeoutSeconds: GARDEN_TIMEOUT_SECONDS },
      reconcile: { intervalSeconds: 1, gracePeriodSeconds: 2 },
      metrics: { port: this.port },
      status: { socketPath: STATUS_SOCKET },
      memory: { path: MEMORY },
      ...config,
    });
    await this.run(['rm', '-rf', dirname(MEMORY)]);
    await this.run(['mkdir', '-p', dirname(STATUS_SOCKET), dirname(MEMORY)]);
    fs.writeFileSync(this.#cell.outside(CONFIG), text);
    if (owner !== null) await this.run(['chown', '-R', owner, '/var/vcap/data/agent']);
  }

  start(): void {
    const [file = '', ...before] = this.#cell.enter;
    const command = [
      ...before,
      ...this.#wrapper,
      process.execPath,
      PROGRAM,
      'agent',
      '--config',
      CONFIG,
      ...this.#options,
    ];
    const child = execa(file, command, { buffer: false, reject: false, stderr: 'inherit' });
    this.#ended = child.then(({ exitCode, signal }) => exitCode ?? signal ?? 'unknown');
    createInterface({ input: child.stdout }).on('line', (line) => {
      this.lines.push(line);
      this.heard(line);
    });
  }

  /** Whatever a test left behind, so that the next one begins without it. */
  async endIfRunning(): Promise<void> {
    if (this.#ended !== null) await this.end('KILL');
  }

  /** The exit code of one that ends by itself, or the signal that ended it. */
  async untilEnd(milliseconds = MAX_WAIT): Promise<number | string> {
    if (this.#ended === null) throw new Error('the agent was not started');
    const late = sleep(milliseconds, 'late' as const, { ref: false });
    const end = await Promise.race([this.#ended, late]);
    if (end === 'late') throw new Error('the agent does not end');
    this.#ended = null;
    return end;
  }

  /** Ends it, and waits for its end. If it does not end, it is killed and the test fails. */
  async end(signal: 'TERM' | 'KILL'): Promise<number | string> {
    const { exitCode } = await this.signal(signal);
    return this.untilEnd().catch(async (error: unknown) => {
      this.#ended = null;
      const { stdout } = await this.run(['sh', '-c', stateOf(this.#command)]);
      await this.signal('KILL');
      throw new Error(`${signal} (pkill: ${exitCode}) does not end it:\n${stdout}`, {
        cause: error,
      });
    });
  }

  /**
   * Moves the clocks that `clockAhead` gave it a minute further, and waits until they have moved:
   * of two signals that a busy program has not taken yet, the kernel keeps one.
   */
  async moveClock(): Promise<void> {
    await this.report();
    const before = await this.#clock();
    await this.signal('USR2');
    // The page rounds to seconds.
    await waitFor('its clock', async () => (await this.#clock()) - before >= MINUTE - 1000);
  }

  /** In milliseconds since 1970, by its page: that of its last pass, and how old that is. */
  async #clock(): Promise<number> {
    const page = await this.get('/');
    const [, takenAt = '', age = ''] =
      /last pass\s[^]*?>([^<>\s]+Z) \((\d+) s ago\)/.exec(page) ?? [];
    return Date.parse(takenAt) + Number(age) * 1000;
  }

  signal(name: string): Promise<Ran> {
    return this.run(['pkill', `-${name}`, '-f', this.#command]);
  }

  get #command(): string {
    return `${PROGRAM} agent --config ${CONFIG}`;
  }

  run(command: readonly string[]): Promise<Ran> {
    return inside(this.#cell, command);
  }

  /** GET over the status socket; empty without an answer. */
  async get(path: string): Promise<string> {
    const socketPath = this.#cell.outside(STATUS_SOCKET);
    const answer = await answerTo({ socketPath, path }).catch(() => '');
    if (answer !== '') expectDocumentedAnswer(path, answer);
    return answer;
  }

  /** Null before its first pass has ended. */
  async reportNow(): Promise<ReportJson | null> {
    const text = await this.get('/v1/report');
    return text.startsWith('{"schemaVersion"') ? (JSON.parse(text) as ReportJson) : null;
  }

  /** Its first report, or the present one. */
  async report(): Promise<ReportJson> {
    let report: ReportJson | null = null;
    await waitFor('a report', async () => (report = await this.reportNow()) !== null);
    return report ?? expect.fail();
  }

  /** Waits for a report with these statuses. */
  async untilShown(wanted: Readonly<Record<string, string>>): Promise<ReportJson> {
    let shown: ReportJson | null = null;
    await waitFor('the statuses', async () => {
      shown = await this.report();
      return isDeepStrictEqual(statuses(shown), wanted);
    }).catch(() => expect(shown && statuses(shown)).to.deep.equal(wanted));
    return shown ?? expect.fail();
  }

  /** Empty without an answer. */
  metrics(): Promise<string> {
    return answerTo({ port: this.port, path: '/metrics' }).catch(() => '');
  }

  parsed(): readonly LogLine[] {
    for (const line of this.lines.slice(this.#parsed.length)) {
      expectLogLine(line);
      this.#parsed.push(JSON.parse(line) as LogLine);
    }
    return this.#parsed;
  }

  /** The transitions so far, `message handle reason`, without the prefix. */
  timeline(): readonly string[] {
    return this.parsed().map(({ message, data }) =>
      [message.replace('rollcall.', ''), data['handle'], data['reason'], data['hierarchy']]
        .filter((word) => typeof word === 'string')
        .join(' '),
    );
  }

  /** Resolves when so many lines with this message were written. */
  async until(message: string, times = 1): Promise<void> {
    await waitFor(`${times} times ${message}`, () => {
      const seen = this.timeline().filter((line) => line.startsWith(message)).length;
      return seen >= times;
    });
  }

  /**
   * Resolves when a line begins with this message, and fails after so many more passes: what is
   * seen by chance needs some passes, however long these take on a busy machine.
   */
  async withinPasses(count: number, message: string): Promise<void> {
    const last = (await this.passes()) + count;
    const isWritten = (): boolean => this.timeline().some((line) => line.startsWith(message));
    while (!isWritten()) {
      const passes = await this.passes();
      if (passes >= last && !isWritten()) {
        throw new Error(`${count} passes in vain for ${message}: ${this.timeline().join(', ')}`);
      }
      await waitFor('a pass', async () => isWritten() || (await this.passes()) > passes);
    }
  }

  /**
   * Resolves when a pass has ended that began after now. Brings it forward, as a new socket of
   * Garden does.
   */
  async afterPass(): Promise<void> {
    const before = await this.passes();
    await waitFor('another pass', async () => {
      if ((await this.passes()) >= before + 2) return true;
      const now = Date.now() / 1000;
      // Without Garden, the next pass is an interval away.
      if (fs.existsSync(this.#cell.socketPath)) fs.utimesSync(this.#cell.socketPath, now, now);
      return false;
    });
  }

  /** How many it has taken. */
  async passes(): Promise<number> {
    const text = await this.metrics();
    return [...text.matchAll(/^rollcall_reconciles_total\{.*\} (\d+)$/gm)].reduce(
      (sum, [, count]) => sum + Number(count),
      0,
    );
  }
}

/** An agent that runs until the end of a test that has a cell. */
export async function startAgent(
  cell: Cell,
  config: object = {},
  wrapper: readonly string[] = [],
  options: readonly string[] = [],
): Promise<RunningAgent> {
  const agent = new RunningAgent(cell, wrapper, options);
  await agent.prepare(config);
  atEndOfTest(() => agent.endIfRunning());
  agent.start();
  return agent;
}
