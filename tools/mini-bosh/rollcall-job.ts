import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import { KnownFailure } from '../../src/model/failure.ts';
import type { ReportView } from '../../src/model/report-view.ts';
import { parseReportJson } from '../../src/parse/agent-answers.ts';
import { askAgent } from '../../src/probe/status-client.ts';
import type { Bpm } from './bpm.ts';
import { JOB, PID_FILE } from './bpm-config.ts';
import { dataDirectory, expected, logDirectory, type Vm } from './vm.ts';

const STATUS_SOCKET = `${dataDirectory(JOB)}/rollcall.sock`;
const MAX_WAIT_MILLISECONDS = 20_000;
/** The prefix of tini's log lines. */
const TINI = '[INFO  tini';

const logLine = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({
    level: v.string(),
    message: v.string(),
    data: v.record(v.string(), v.unknown()),
  }),
);
type LogLine = v.InferOutput<typeof logLine>;

/** The job rollcall on the VM: started and stopped as by monit (spec/monit.test.ts), queried as by operators. */
export class RollcallJob {
  readonly vm: Vm;
  readonly #bpm: Bpm;
  readonly #port: number;

  constructor(vm: Vm, bpm: Bpm, port: number) {
    this.vm = vm;
    this.#bpm = bpm;
    this.#port = port;
  }

  /** Starts it, and waits until monit would consider it running. */
  async start(): Promise<void> {
    await this.#bpm.start();
    expected(this.isRunning(), `no process runs with the pid in ${PID_FILE}`);
  }

  stop(): Promise<void> {
    return this.#bpm.stop();
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** By monit's rule: there is a pid file, and a process with that pid. */
  isRunning(): boolean {
    const hasPidFile = existsSync(this.vm.path(PID_FILE));
    return hasPidFile && existsSync(this.vm.path(`/proc/${this.#tini()}`));
  }

  /** The pid of the agent's own process, below tini, in the VM. */
  pid(): number {
    const tini = this.#tini();
    const children = readFileSync(this.vm.path(`/proc/${tini}/task/${tini}/children`), 'utf8');
    expected(/^\d+ $/.test(children), `tini has children ${children} instead of one`);
    return Number(children);
  }

  #tini(): number {
    return Number(readFileSync(this.vm.path(PID_FILE), 'utf8'));
  }

  /** Runs a program of the release as an operator with sudo would. */
  command(...args: readonly string[]) {
    return this.vm.run(['/var/vcap/jobs/rollcall/bin/rollcall', ...args]);
  }

  /** Null if the agent does not answer, or has not finished its first pass. */
  async report(): Promise<ReportView | null> {
    try {
      const question = { method: 'GET', path: '/v1/report' } as const;
      const { status, body } = await askAgent(this.vm.path(STATUS_SOCKET), question);
      if (status !== 200) return null;
      const parsed = parseReportJson(body);
      expected(parsed.ok, "cannot read the agent's report");
      return parsed.value;
    } catch (error) {
      if (error instanceof KnownFailure && error.code === 'AGENT_UNREACHABLE') return null;
      throw error;
    }
  }

  async until(what: string, passes: (report: ReportView) => boolean): Promise<ReportView> {
    for (const end = Date.now() + MAX_WAIT_MILLISECONDS; ; await sleep(50)) {
      const report = await this.report();
      if (report !== null && passes(report)) return report;
      expected(Date.now() < end, `the report never shows ${what}`);
    }
  }

  /** The report of a pass that starts after this call. */
  nextReport(): Promise<ReportView> {
    const now = new Date().toISOString();
    return this.until('another pass', ({ takenAt }) => takenAt > now);
  }

  /** Over TCP, like prom_scraper. */
  metrics(): Promise<string> {
    const address = `http://127.0.0.1:${this.#port}/metrics`;
    return this.vm.must(['curl', '-sS', '--fail', '--max-time', '5', address]);
  }

  /** Everything that it has logged since the installation, across restarts. */
  log(): readonly LogLine[] {
    return this.#lines()
      .filter((line) => !line.startsWith(TINI))
      .map((line) => v.parse(logLine, line));
  }

  alarms(): number {
    return this.log().filter(({ message }) => message === 'rollcall.container.untracked').length;
  }

  /** tini's last line in its log: how the agent ended. Only the stand-in for bpm has it. */
  lastWordsOfTini(): string | null {
    return this.#lines().findLast((line) => line.startsWith(TINI)) ?? null;
  }

  /** The last lines of both logs, for people; empty if there is no log. */
  lastLines(count: number): readonly string[] {
    return [...this.#lines(), ...this.errors()].slice(-count);
  }

  errors(): readonly string[] {
    return this.#logged('stderr');
  }

  #lines(): readonly string[] {
    return this.#logged('stdout');
  }

  #logged(stream: 'stdout' | 'stderr'): readonly string[] {
    const file = this.vm.path(`${logDirectory(JOB)}/${JOB}.${stream}.log`);
    return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
  }
}
