import { mkdirSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import type { Cell } from '../../tools/demo-cell/cell/cell.ts';
import { commOf, kill } from '../../tools/demo-cell/cgroups/processes.ts';
import { healthCheckHandle } from '../../tools/demo-cell/cgroups/container-spec.ts';
import { adviceText } from '../present/advised.ts';
import { atEndOfTest } from '../at-end-of-test.ts';
import { skip } from '../skip.ts';
import { waitFor } from '../wait-for.ts';
import { ancestryOf, handlesOf, processesNamed } from './cells.ts';
import { clockAhead } from './movable-clock.ts';
import { check, containerOf, rollcall, SHORT, statuses, type ReportJson } from './rollcall.ts';
import { STATUS_SOCKET, type RunningAgent } from './running-agent.ts';

/** Handles of two apps, and of a health check that rep makes of the cell. */
export const BILLING = 'aaaaaaaa-0000-4000-8000-000a';
export const CHECKOUT = 'bbbbbbbb-0000-4000-8000-000b';
export const HEALTH_CHECK = healthCheckHandle('of rep');

const CONTAINERD_IS_DEAD = {
  kind: 'status',
  status: 500,
  body: '{"Type":"","Message":"connection error: connection refused"}\n',
} as const;
/** The time between two bulk passes of rep. */
const WITHOUT_HEALTH_CHECKS = { retryMilliseconds: 500 };
const WITH_HEALTH_CHECKS = { ...WITHOUT_HEALTH_CHECKS, healthCheckMilliseconds: 5000 };
const GRACE_MILLISECONDS = 2000;

type ContainerJson = ReportJson['containers'][number];

/**
 * A cell that rep manages and an agent watches; gdn, rep, BBS, containerd and the network plugin
 * fail as a test says. The agent logs what the test says it logs, and nothing else about a
 * container.
 */
export class DiegoCell {
  readonly cell: Cell;
  readonly agent: RunningAgent;
  readonly garden: Cell['garden'];
  readonly rep: Cell['rep'];
  #minutesAhead = 0;
  /** How many lines of the agent's log the test has read. */
  #linesRead: number;
  /** The create or destroy that waits for the network plugin. */
  #waiting: Promise<string | void> = Promise.resolve();

  constructor(cell: Cell, agent: RunningAgent) {
    this.cell = cell;
    this.agent = agent;
    this.garden = cell.garden;
    this.rep = cell.rep;
    this.#linesRead = agent.timeline().length;
  }

  /** Creates apps that rep, which is started where none runs, manages and the agent has seen. */
  async runApps(...handles: readonly string[]): Promise<void> {
    if (this.rep.hostPid() === null) await this.startRep();
    for (const handle of handles) await this.cell.create({ handle, kind: 'app' });
    await waitFor('rep to manage them', () =>
      handles.every((handle) => this.rep.status()?.known.includes(handle) === true),
    );
    await this.agent.afterPass();
  }

  /** Creates a health check that the agent has seen. */
  async runHealthCheck(): Promise<void> {
    await this.cell.create({ handle: HEALTH_CHECK, kind: 'health-check' });
    await this.agent.afterPass();
  }

  async startRep(): Promise<void> {
    expect(await this.rep.start(WITHOUT_HEALTH_CHECKS)).to.include({ state: 'serving' });
  }

  /** Starts a rep that destroys what it owns, so that it knows no container afterwards. */
  async startRepThatKnowsNothing(): Promise<void> {
    const status = { state: 'serving', known: [], toDestroy: [] };
    expect(await this.rep.start(WITHOUT_HEALTH_CHECKS)).to.deep.equal(status);
  }

  /** Starts a rep that exits because its first destroy fails. */
  async startRepThatExits(): Promise<void> {
    expect((await this.rep.start(WITHOUT_HEALTH_CHECKS)).state).to.equal('failed');
    expect(this.rep.hostPid()).to.equal(null);
  }

  async startRepWithHealthChecks(): Promise<void> {
    expect(await this.rep.start(WITH_HEALTH_CHECKS)).to.include({ state: 'serving' });
  }

  async startRepThatExitsAtItsHealthCheck(): Promise<void> {
    expect((await this.rep.start(WITH_HEALTH_CHECKS)).state).to.equal('failed');
    expect(this.rep.log()).to.match(/garden_health_checker exited with error$/);
  }

  /** So that no health check comes between two steps of a test. */
  haltRep(): void {
    kill(this.rep.hostPid() ?? 0, 'SIGSTOP');
  }

  continueRep(): void {
    kill(this.rep.hostPid() ?? 0, 'SIGCONT');
  }

  /** Resolves when the destroys by which rep answers a failure of Garden have failed. */
  untilRepFailsToDestroy(...handles: readonly string[]): Promise<void> {
    return waitFor('failed destroys', () =>
      handles.every((handle) => this.rep.status()?.toDestroy.includes(handle) === true),
    );
  }

  /** Resolves when rep, to which Garden answers 404, takes its containers for deleted. */
  untilRepKnowsNothing(): Promise<void> {
    return waitFor('rep to know nothing', () => this.rep.status()?.known.length === 0);
  }

  /**
   * In a health check, rep tries a destroy three times a second apart. Then it waits for the next.
   */
  async expectThreeTriesInAHealthCheck(handle: string): Promise<void> {
    const failed = new RegExp(`^.*(?= destroy ${handle}: 500)`, 'gm');
    const tries = () => (this.rep.log().match(failed) ?? []).map(Date.parse);
    await waitFor('the first try of a second health check', () => tries().length > 3);
    const [first = NaN, second = NaN, third = NaN, ofNextCheck = NaN] = tries();
    expect(second - first).to.be.at.least(1000);
    expect(third - second).to.be.at.least(1000);
    expect(ofNextCheck - third).to.be.at.least(WITH_HEALTH_CHECKS.healthCheckMilliseconds);
    expect(this.rep.log()).to.contain(' set-state-unhealthy\n');
  }

  killContainerd(): Promise<void> {
    return this.garden.setFault(CONTAINERD_IS_DEAD);
  }

  restartContainerd(): Promise<void> {
    return this.garden.setFault({ kind: 'none' });
  }

  /** Begins to create an app, and resolves when that waits for a network plugin that hangs. */
  async beginToCreate(handle: string): Promise<void> {
    this.#waiting = this.cell.create({ handle, kind: 'app' }).catch(String);
    await this.#networkPlugin();
  }

  /**
   * Begins to destroy a container, and resolves when that waits for a network plugin that hangs.
   */
  async beginToDestroy(handle: string): Promise<void> {
    this.#waiting = this.cell.destroy(handle).catch(String);
    await this.#networkPlugin();
  }

  /** The pid in the cell of a network plugin that hangs. */
  async pidOfNetworkPlugin(): Promise<number> {
    const [, pidInCell] = ancestryOf(await this.#networkPlugin()).namespacePids;
    return pidInCell ?? expect.fail('the network plugin has no pid in the cell');
  }

  /** Ends a network plugin that hangs. What waited for it fails, and later ones work. */
  async endNetworkPlugin(): Promise<void> {
    await this.cell.setNetworkPlugin('works');
    kill(await this.#networkPlugin());
    expect(await this.#waiting).to.contain('exit status 1');
  }

  /**
   * Brings the network plugin into state D until it is thawed, at the latest when the test ends.
   */
  async freezeNetworkPlugin(): Promise<void> {
    const cgroup = this.#frozenCgroup() ?? expect.fail('the cell has no freezer of cgroup v1');
    mkdirSync(cgroup);
    writeFileSync(`${cgroup}/cgroup.procs`, `${await this.#networkPlugin()}`);
    writeFileSync(`${cgroup}/freezer.state`, 'FROZEN');
    atEndOfTest(() => this.thawNetworkPlugin());
  }

  thawNetworkPlugin(): void {
    writeFileSync(`${this.#frozenCgroup()}/freezer.state`, 'THAWED');
  }

  /** Skips the test where the cell has no freezer of cgroup v1. */
  needsFreezer(context: Mocha.Context): void {
    if (this.#frozenCgroup() === null)
      skip(context, 'only the freezer of cgroup v1 shows a process in state D');
  }

  /** Garden still lists the container afterwards, and nothing of it runs. */
  async destroyWhileNetworkPluginFails(handle: string): Promise<void> {
    await this.cell.setNetworkPlugin('fails');
    await this.cell.destroy(handle).catch(() => undefined);
    await waitFor('the end of its processes', () => this.cell.pids(handle).length === 0);
  }

  async expectDestroyRefused(handle: string): Promise<void> {
    const error = await this.cell.destroy(handle).catch(String);
    expect(error).to.contain('already being destroyed');
  }

  /** Ends all processes of these containers but garden-init. */
  endApps(...handles: readonly string[]): void {
    const pids = handles.flatMap((handle) => this.cell.pids(handle));
    for (const pid of pids) if (commOf(pid) !== 'garden-init') kill(pid);
  }

  /** Resolves when Garden lists none of these. */
  untilUnlisted(...handles: readonly string[]): Promise<void> {
    return waitFor(`the destruction of ${handles.join(' and ')}`, async () => {
      const listed = await handlesOf(this.cell).catch(() => null);
      return listed !== null && !handles.some((handle) => listed.includes(handle));
    });
  }

  /** Garden lists these, and no others. */
  async expectListed(...handles: readonly string[]): Promise<void> {
    expect(await handlesOf(this.cell)).to.deep.equal(handles);
  }

  /**
   * Resolves after a pass that begins when a difference that is there now has lasted long enough.
   */
  async waitOutGracePeriod(): Promise<void> {
    await sleep(GRACE_MILLISECONDS * 1.2);
    await this.agent.afterPass();
  }

  /**
   * Moves the agent's clocks on until they are ahead by so many minutes in all: for the agent, what
   * starts from now on is older by these.
   */
  async moveClocksAhead(minutes: number): Promise<void> {
    for (; this.#minutesAhead < minutes; this.#minutesAhead++) await this.agent.moveClock();
  }

  /** A new test reads only what the agent logs from now on. */
  skipLog(): void {
    this.#linesRead = this.agent.timeline().length;
  }

  /**
   * Resolves when the agent has logged these words, such as a message, a handle and a reason, in
   * one line. It has logged nothing else about a container since the line before.
   */
  async untilLogged(...words: readonly string[]): Promise<void> {
    const line = words.join(' ');
    const next = () =>
      this.agent.timeline().findIndex((one, index) => index >= this.#linesRead && one === line);
    await waitFor(line, () => next() >= 0);
    const skipped = this.agent.timeline().slice(this.#linesRead, next());
    expect(skipped.filter((one) => one.startsWith('container.'))).to.deep.equal([]);
    this.#linesRead = next() + 1;
  }

  untilFound(handle: string, reason: string): Promise<void> {
    return this.untilLogged('container.untracked', handle, reason);
  }

  untilGone(handle: string, reason: string): Promise<void> {
    return this.untilLogged('container.gone', handle, reason);
  }

  /** A pass later, the agent has logged nothing about a container that the test has not read. */
  async expectNothingElseLogged(): Promise<void> {
    await this.agent.afterPass();
    const rest = this.agent.timeline().slice(this.#linesRead);
    expect(rest.filter((line) => line.startsWith('container.'))).to.deep.equal([]);
  }

  /** Resolves when the agent's report has these values of a container. */
  async untilReported(handle: string, wanted: Partial<ContainerJson>): Promise<void> {
    let shown: ContainerJson | null = null;
    await waitFor(`a report on ${handle}`, async () => {
      shown = await this.#reported(handle);
      return Object.entries(wanted).every(
        ([key, value]) => shown?.[key as keyof ContainerJson] === value,
      );
    }).catch(() => expect(shown).to.include(wanted));
  }

  /** The agent's report has this text in the sentence of a container. */
  async expectSentence(handle: string, text: string): Promise<void> {
    expect((await this.#reported(handle)).sentence).to.contain(text);
  }

  /** The agent's report has this text in what to do about a container. */
  async expectAdvice(handle: string, text: string): Promise<void> {
    const { advice } = await this.#reported(handle);
    expect(advice === null ? '' : adviceText(advice)).to.contain(text);
  }

  /** The agent's report has this text in the command lines that it names for a container. */
  async expectCommandLine(handle: string, text: string): Promise<void> {
    const { processes } = await this.#reported(handle);
    expect(processes.map(({ command }) => command).join()).to.contain(text);
  }

  /** The agent's report has these warnings of the cell, and no others. */
  async expectWarnings(...sentences: readonly string[]): Promise<void> {
    const { warnings } = (await this.agent.report()).cell;
    expect(warnings.map(({ sentence }) => sentence)).to.deep.equal(sentences);
  }

  /**
   * A short check of its own, without the agent, shows these containers with their statuses and
   * reasons, and no others.
   */
  async expectCheck(wanted: {
    readonly exitCode: number;
    readonly shows: Readonly<Record<string, string>>;
  }): Promise<void> {
    const { report, exitCode } = await this.#check();
    expect({ exitCode, shows: statuses(report) }).to.deep.equal(wanted);
  }

  /** A short check of its own, without the agent, has these warnings of the cell, and no others. */
  async expectCheckWarns(...sentences: readonly string[]): Promise<void> {
    const { report, exitCode } = await this.#check();
    expect(exitCode).to.equal(0);
    expect(report.cell.warnings.map(({ sentence }) => sentence)).to.deep.equal(sentences);
  }

  /** A short check exits with 0 and prints this text, in which it may break lines. */
  async expectCheckPrints(text: string, ...options: readonly string[]): Promise<void> {
    const { stdout, exitCode } = await rollcall(this.cell, ['check', ...SHORT, ...options]);
    expect(exitCode).to.equal(0);
    expect(stdout.replaceAll(/\s+/g, ' ')).to.contain(text);
  }

  /** The same, where the check asks the agent, too. */
  expectCheckWithAgentPrints(text: string): Promise<void> {
    return this.expectCheckPrints(text, '--status-socket', STATUS_SOCKET);
  }

  #check() {
    return check(this.cell, SHORT, { env: clockAhead(this.#minutesAhead) });
  }

  async #reported(handle: string): Promise<ContainerJson> {
    return containerOf(await this.agent.report(), handle);
  }

  /** Its pid on this machine. */
  async #networkPlugin(): Promise<number> {
    let pids: readonly number[] = [];
    await waitFor('the network plugin', () => {
      pids = processesNamed('network-plugin', this.cell.rootPid);
      return pids.length === 1;
    });
    return pids[0] ?? expect.fail('no network plugin');
  }

  #frozenCgroup(): string | null {
    const freezer = this.cell.hierarchies.find(({ controllers }) =>
      controllers.includes('freezer'),
    );
    return freezer === undefined ? null : `${freezer.root}/frozen`;
  }
}
