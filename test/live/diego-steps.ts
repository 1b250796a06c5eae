import { mkdirSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import type { Cell } from '../../tools/demo-cell/cell/cell.ts';
import { commOf, kill } from '../../tools/demo-cell/cgroups/processes.ts';
import { healthCheckHandle } from '../../tools/demo-cell/cgroups/container-spec.ts';
import type { NetworkPluginMode } from '../../tools/demo-cell/gdn/network-plugin.ts';
import { adviceText } from '../present/advised.ts';
import { atEndOfTest } from '../at-end-of-test.ts';
import { skip } from '../skip.ts';
import { waitFor } from '../wait-for.ts';
import { ancestryOf, handlesOf, processesNamed } from './cells.ts';
import { clockAhead } from './movable-clock.ts';
import { check, containerOf, rollcall, SHORT, statuses } from './rollcall.ts';
import { STATUS_SOCKET, type RunningAgent } from './running-agent.ts';

const HANDLES: Readonly<Record<string, string>> = {
  A: 'aaaaaaaa-0000-4000-8000-000a',
  B: 'bbbbbbbb-0000-4000-8000-000b',
  CHECK: healthCheckHandle('of rep'),
};
const CONTAINERD_IS_DEAD = {
  kind: 'status',
  status: 500,
  body: '{"Type":"","Message":"connection error: connection refused"}\n',
} as const;
/** A bulk pass of rep. */
const RETRY = { retryMilliseconds: 500 };
const WITH_HEALTH_CHECKS = { ...RETRY, healthCheckMilliseconds: 5000 };
const GRACE_MILLISECONDS = 2000;

const words = (text: string): readonly string[] => (text === '' ? [] : text.split(' '));
const flat = (text: string): string => text.replaceAll(/\s+/g, ' ');

/**
 * Plays stories on a cell that an agent watches: steps of the table below, with `;` between them. The
 * agent logs what they say it logs, and nothing else about a container. A, B and CHECK are
 * handles, PLUGIN is the pid in the cell of a network plugin that hangs.
 */
export function storyPlayer(cell: Cell, agent: RunningAgent) {
  const { garden, rep } = cell;
  let ahead = 0;
  let told = 0;
  let isUnderWay: Promise<string | void> = Promise.resolve();
  let context: Mocha.Context;

  async function plugin(): Promise<number> {
    let pids: readonly number[] = [];
    await waitFor('the network plugin', () => {
      pids = processesNamed('network-plugin', cell.rootPid);
      return pids.length === 1;
    });
    return pids[0] ?? 0;
  }
  const inReport = async (handle: string) => containerOf(await agent.report(), handle);
  const cgroupOfFrozen = (): string => {
    const freezer = cell.hierarchies.find(({ controllers }) => controllers.includes('freezer'));
    if (freezer === undefined)
      skip(context, 'only the freezer of cgroup v1 shows a process in state D');
    return `${freezer.root}/frozen`;
  };
  const thaw = (): void => writeFileSync(`${cgroupOfFrozen()}/freezer.state`, 'THAWED');
  const shortCheck = () => check(cell, SHORT, { env: clockAhead(ahead) });
  async function checkSays(text: string, ...more: readonly string[]): Promise<void> {
    const { stdout, exitCode } = await rollcall(cell, ['check', ...SHORT, ...more]);
    expect(exitCode).to.equal(0);
    expect(flat(stdout)).to.contain(text);
  }

  /** By its first words; the function gets the others. */
  const steps: Readonly<Record<string, (rest: string) => unknown>> = {
    /** Containers that a running rep manages and the agent has seen. */
    managed: async (handles) => {
      if (rep.hostPid() === null) await rep.start(RETRY);
      for (const handle of words(handles)) await cell.create({ handle, kind: 'app' });
      const isManaged = (handle: string) => rep.status()?.known.includes(handle) === true;
      await waitFor('rep to manage them', () => words(handles).every(isManaged));
      await agent.afterPass();
    },
    'health check': async (handle) => {
      await cell.create({ handle, kind: 'health-check' });
      await agent.afterPass();
    },
    'gdn crashes': () => garden.crash(),
    'gdn is killed': () => garden.kill(),
    'gdn stops': () => garden.stop(),
    'gdn starts': () => garden.start(),
    'containerd dies': () => garden.setFault(CONTAINERD_IS_DEAD),
    'containerd is back': () => garden.setFault({ kind: 'none' }),
    'rep is killed': () => rep.kill(),
    'rep stops': () => rep.stop(),
    'rep starts': async () => expect(await rep.start(RETRY)).to.include({ state: 'serving' }),
    'rep starts and knows nothing': async () => {
      const status = { state: 'serving', known: [], toDestroy: [] };
      expect(await rep.start(RETRY)).to.deep.equal(status);
    },
    'rep exits at its start': async () => {
      expect((await rep.start(RETRY)).state).to.equal('failed');
      expect(rep.hostPid()).to.equal(null);
    },
    'rep starts with health checks': async () =>
      expect(await rep.start(WITH_HEALTH_CHECKS)).to.include({ state: 'serving' }),
    'rep exits at its health check': async () => {
      expect((await rep.start(WITH_HEALTH_CHECKS)).state).to.equal('failed');
      expect(rep.log()).to.match(/garden_health_checker exited with error$/);
    },
    /** So that no health check comes between two steps. */
    'rep halts': () => kill(rep.hostPid() ?? 0, 'SIGSTOP'),
    'rep goes on': () => kill(rep.hostPid() ?? 0, 'SIGCONT'),
    'rep tries three times a second apart, then waits for its next check': async (handle) => {
      const tries = () => rep.log().match(new RegExp(`^.*(?= destroy ${handle}: 500)`, 'gm')) ?? [];
      await waitFor('the first try of a second health check', () => tries().length > 3);
      const [first = NaN, second = NaN, third = NaN, ofNext = NaN] = tries().map(Date.parse);
      expect([second - first, third - second].map((gap) => gap >= 1000)).to.deep.equal([
        true,
        true,
      ]);
      expect(ofNext - third).to.be.at.least(WITH_HEALTH_CHECKS.healthCheckMilliseconds);
      expect(rep.log()).to.contain(' set-state-unhealthy\n');
    },
    'rep tries to destroy': (handles) =>
      waitFor('failed destroys', () =>
        words(handles).every((handle) => rep.status()?.toDestroy.includes(handle) === true),
      ),
    'rep takes 404 for deleted': () =>
      waitFor('its knowledge', () => rep.status()?.known.length === 0),
    /** Until it is back, rep tries each destroy once. */
    'bbs is away': () => rep.setBbsAway(true),
    'bbs is back': () => rep.setBbsAway(false),
    plugin: (mode) => cell.setNetworkPlugin(mode as NetworkPluginMode),
    'needs the freezer of v1': () => void cgroupOfFrozen(),
    'plugin freezes': async () => {
      const cgroup = cgroupOfFrozen();
      mkdirSync(cgroup);
      writeFileSync(`${cgroup}/cgroup.procs`, `${await plugin()}`);
      writeFileSync(`${cgroup}/freezer.state`, 'FROZEN');
      atEndOfTest(thaw);
    },
    'plugin thaws': thaw,
    /** What waited for it fails, too. */
    'plugin ends': async () => {
      await cell.setNetworkPlugin('works');
      kill(await plugin());
      expect(await isUnderWay).to.contain('exit status 1');
    },
    'begins to create': async (handle) => {
      isUnderWay = cell.create({ handle, kind: 'app' }).catch(String);
      await plugin();
    },
    'begins to destroy': async (handle) => {
      isUnderWay = cell.destroy(handle).catch(String);
      await plugin();
    },
    destroy: (handle) => cell.destroy(handle),
    'destroy is refused': async (handle) =>
      expect(await cell.destroy(handle).catch(String)).to.contain('already being destroyed'),
    /** Its destroy failed in the network plugin: it is listed, and nothing of it runs. */
    'half destroy': async (handle) => {
      await cell.setNetworkPlugin('fails');
      await cell.destroy(handle).catch(() => undefined);
      await waitFor('the end of its processes', () => cell.pids(handle).length === 0);
    },
    forget: (handle) => cell.forget(handle),
    kill: (handle) => cell.kill(handle),
    /** All but garden-init. */
    'apps end': (handles) => {
      const pids = words(handles).flatMap((handle) => cell.pids(handle));
      for (const pid of pids) if (commOf(pid) !== 'garden-init') kill(pid);
    },
    unlisted: (handles) =>
      waitFor(`the destruction of ${handles}`, async () => {
        const listed = await handlesOf(cell).catch(() => null);
        return listed !== null && !words(handles).some((handle) => listed.includes(handle));
      }),
    listed: async (handles) => expect(await handlesOf(cell)).to.deep.equal(words(handles)),
    'a pass': () => agent.afterPass(),
    'the grace period passes': async () => {
      await sleep(GRACE_MILLISECONDS * 1.2);
      await agent.afterPass();
    },
    /** For the agent, what starts from now on is older by these. */
    'minutes ahead': async (minutes) => {
      for (; ahead < Number(minutes); ahead++) await agent.moveClock();
    },
    logs: async (line) => {
      const next = () => agent.timeline().findIndex((one, n) => n >= told && one === line);
      await waitFor(line, () => next() >= 0);
      const skipped = agent.timeline().slice(told, next());
      expect(skipped.filter((one) => one.startsWith('container.'))).to.deep.equal([]);
      told = next() + 1;
    },
    /** A handle, and what the agent's report says of it. */
    report: async (text) => {
      const [handle = '', ...wanted] = words(text);
      let shown: readonly string[] = [];
      await waitFor(text, async () => {
        const { status, reason, severity, kind, pids } = await inReport(handle);
        shown = [status, reason ?? '', severity ?? '', kind, `${pids}-pids`];
        return wanted.every((word) => shown.includes(word));
      }).catch(() => expect(shown).to.include.members(wanted));
    },
    sentence: (text) => expectPart(text, ({ sentence }) => sentence),
    advice: (text) => expectPart(text, ({ advice }) => (advice === null ? '' : adviceText(advice))),
    command: (text) =>
      expectPart(text, ({ processes }) => processes.map(({ command }) => command).join()),
    /** All that the cell warns of. */
    warning: async (text) => {
      const { warnings } = (await agent.report()).cell;
      expect(warnings.map(({ sentence }) => sentence).join('\n')).to.equal(text);
    },
    metric: async (text) =>
      expect(await agent.metrics()).to.match(
        new RegExp(`^${text.replace('{', String.raw`\{.*`)}$`, 'm'),
      ),
    /** A short check that asks no agent: its exit code, and what it says of all containers. */
    'check exits': async (text) => {
      const [code, ...found] = words(text);
      const { report, exitCode } = await shortCheck();
      expect(exitCode).to.equal(Number(code));
      const all = Object.entries(statuses(report)).flat().join(' ');
      expect(all).to.equal(found.join(' '));
    },
    'check warns': async (text) => {
      const { report, exitCode } = await shortCheck();
      expect(exitCode).to.equal(0);
      expect(report.cell.warnings.map(({ sentence }) => sentence).join('\n')).to.equal(text);
    },
    'check says': (text) => checkSays(text),
    'check with the agent says': (text) => checkSays(text, '--status-socket', STATUS_SOCKET),
  };

  type Reported = Awaited<ReturnType<typeof inReport>>;
  async function expectPart(text: string, partOf: (one: Reported) => string): Promise<void> {
    const [handle = ''] = words(text);
    expect(partOf(await inReport(handle))).to.contain(text.slice(handle.length + 1));
  }

  async function take(step: string): Promise<void> {
    const verb = Object.keys(steps)
      .filter((one) => step === one || step.startsWith(`${one} `))
      .toSorted((a, b) => b.length - a.length)[0];
    if (verb === undefined) throw new Error(`there is no step "${step}"`);
    const pid = step.includes('PLUGIN') ? ancestryOf(await plugin()).namespacePids[1] : '';
    const rest = step
      .slice(verb.length + 1)
      .replaceAll(/\b(?:A|B|CHECK)\b/g, (name) => HANDLES[name] ?? name)
      .replace('PLUGIN', `${pid}`);
    await steps[verb]?.(rest);
  }

  return async (test: Mocha.Context, story: string): Promise<void> => {
    context = test;
    told = agent.timeline().length;
    for (const step of flat(story).split(';')) await take(step.trim());
    await agent.afterPass();
    const rest = agent.timeline().slice(told);
    expect(rest.filter((line) => line.startsWith('container.'))).to.deep.equal([]);
  };
}
