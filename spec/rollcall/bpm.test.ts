import { expect } from 'chai';
import { parse } from 'yaml';
import { AGENT_FLAGS } from '../../tools/cell-package.ts';
import { EVERY_PROPERTY, rendered, suiteNeeds } from '../rendered.ts';

const bpm = async (properties = {}): Promise<unknown> =>
  parse(await rendered('rollcall', properties, 'config/bpm.yml'));

/** Node's heap may take half of the memory limit; AGENT_FLAGS are those of the default, 256M. */
const flags = (heapMegabytes: number): readonly string[] =>
  AGENT_FLAGS.map((flag) => flag.replace(/(?<=^--max-old-space-size=).*/, `${heapMegabytes}`));

/**
 * The expected file is compared as a whole, because each further setting gives the job a right.
 * Volumes of silk that do not exist are left out.
 */
const expected = (
  gardenDirectory: string,
  heapMegabytes: number,
  [memory, processes, files]: readonly [string, number, number],
  ...sensorVolumes: readonly string[]
): unknown =>
  parse(`
processes:
- name: rollcall
  executable: /var/vcap/packages/nodejs-24/bin/node
  args: [${flags(heapMegabytes).join()}, /var/vcap/packages/rollcall/start.cjs, agent, --config, /var/vcap/jobs/rollcall/config/agent.json]
  ephemeral_disk: true
  additional_volumes: [{path: ${gardenDirectory}, mount_only: true}]
  hooks: {pre_start: /var/vcap/jobs/rollcall/bin/bpm-pre-start}
  limits: {memory: ${memory}, processes: ${processes}, open_files: ${files}}
  unsafe:
    host_pid_namespace: true
    unrestricted_volumes:
    - path: /sys/fs/cgroup
    - path: /var/vcap/data/container-metadata*
    - path: /var/vcap/data/host-local*
${sensorVolumes.map((path) => `    - path: ${path}\n`).join('')}`);

describe('config/bpm.yml', () => {
  suiteNeeds('ruby');

  it('gives the agent what it needs, unprivileged, and nothing more', async () => {
    expect(flags(128)).to.deep.equal(AGENT_FLAGS);
    expect(await bpm()).to.deep.equal(expected('/var/vcap/data/garden', 128, ['256M', 64, 4096]));
  });

  it('takes limits and the directory of Garden’s socket from the properties', async () => {
    const volume = '/var/vcap/sys/log/tracee*';
    expect(await bpm(EVERY_PROPERTY)).to.deep.equal(
      expected('/var/vcap/sys/run/garden', 512, ['1G', 128, 8192], volume),
    );
  });

  it('needs no other right for names, which are in the data directory of the job', async () => {
    const names = { 'names.files': true, 'names.cri': true };
    expect(await bpm(names)).to.deep.equal(await bpm());
  });

  it('takes the least memory that is allowed', async () => {
    expect(await bpm({ 'limits.memory': '96M' })).to.deep.equal(
      expected('/var/vcap/data/garden', 48, ['96M', 64, 4096]),
    );
  });
});
