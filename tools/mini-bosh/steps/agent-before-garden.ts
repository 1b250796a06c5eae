import { existsSync } from 'node:fs';
import { GARDEN_HOME } from '../../../src/demo-cell/gdn-config.ts';
import { confinement, type Confinement } from '../agent-process.ts';
import { expected } from '../expected.ts';
import { gardenDirectory } from '../garden-directory.ts';
import { limitsOf, type Limits } from '../limits.ts';
import { containerId, jobDirectory } from '../places.ts';
import type { Say } from '../stage.ts';
import type { Step } from './step.ts';

const CONTAINER = containerId('rollcall');

export const agentBeforeGarden: Step = {
  title: 'The agent starts before Garden ever did, as an ordinary user without any capability',
  take: async ({ vm, job, say }) => {
    expected(!existsSync(vm.path(GARDEN_HOME)), `${GARDEN_HOME} is there before Garden`);
    await job.start();
    const { directory } = gardenDirectory(vm);
    expected(directory !== null, `the hook pre_start did not make ${GARDEN_HOME}`);
    say(`${GARDEN_HOME} made by the hook: ${directory.owner} ${directory.mode}`);
    const postStart = await vm.must([`${jobDirectory('rollcall')}/bin/post-start`]);
    say(`post-start: ${postStart.trim()}`);
    const facts = confinement(vm, job.pid());
    sayConfinement(facts, say);
    checkConfinement(facts, vm.vcap.uid);
    sayLimits(limitsOf(vm, CONTAINER), say);
    const { garden, verdict, why } = await job.until('its first pass', () => true);
    say(`the agent says: ${why}`);
    expected(garden.state !== 'known', `Garden is ${garden.state} and has not started`);
    expected(verdict === 'unknown', `the verdict is ${verdict} without Garden`);
  },
};

function sayConfinement(facts: Confinement, say: Say): void {
  say(`uid ${facts.uid}, CapEff ${facts.capEff}, CapBnd ${facts.capBnd}`);
  say(`NoNewPrivs ${facts.noNewPrivs ? 1 : 0}, Seccomp ${facts.seccomp}`);
  say(`namespaces of its own: ${facts.ownNamespaces.join(', ')}`);
  say(`namespaces of the host: ${facts.sharedNamespaces.join(', ')}`);
  const mine = facts.cgroups.filter((line) => line.endsWith(`/${CONTAINER}`));
  say(`cgroup ${mine[0]?.split(':').at(-1) ?? 'none'}, hierarchies: ${mine.length}`);
}

function checkConfinement(facts: Confinement, vcap: number): void {
  expected(facts.uid === vcap, `the agent runs as uid ${facts.uid}, and not as vcap`);
  const capabilities = `${facts.capEff} ${facts.capBnd}`;
  expected(/^[0 ]+$/.test(capabilities), `the agent has capabilities: ${capabilities}`);
  expected(facts.noNewPrivs, 'the agent could gain privileges');
  expected(facts.seccomp === 2, 'the agent runs without a seccomp filter');
  const own = facts.ownNamespaces.join(' ');
  expected(own === 'ipc mnt uts', `the agent has namespaces of its own: ${own}`);
  expected(
    facts.cgroups.some((line) => line.endsWith(`/${CONTAINER}`)),
    'the agent is in no cgroup of its own',
  );
}

function sayLimits(limits: Limits | null, say: Say): void {
  if (limits === null) {
    say('limits: none, the cgroups of this cell have no controllers');
    return;
  }
  const megabytes = (bytes: number): number => Math.round(bytes / 2 ** 20);
  say(
    `memory ${megabytes(limits.memoryUsed)} of ${megabytes(limits.memory)} MiB, at most ${limits.processes} threads`,
  );
  expected(limits.memory < 2 ** 40, 'the memory of the agent is not limited');
  expected(limits.processes > 0, 'the threads of the agent are not limited');
}
