import { expect } from 'chai';
import { parse } from 'yaml';
import { AGENT_FLAGS } from '../../tools/cell-package.ts';
import { needs, rendered } from '../rendered.ts';
import { EVERY_PROPERTY } from './every-property.ts';

const bpm = async (properties = {}): Promise<unknown> =>
  parse(await rendered('rollcall', properties, 'config/bpm.yml'));

interface Limits {
  readonly memory: string;
  readonly processes: number;
  readonly open_files: number;
}

/** Node's heap may take half of the memory limit; AGENT_FLAGS are those of the default, 256M. */
const flags = (heapMegabytes: number): readonly string[] =>
  AGENT_FLAGS.map((flag) => flag.replace(/(?<=^--max-old-space-size=).*/, `${heapMegabytes}`));

/** Compared as a whole: a setting more is a right more. */
const expected = (
  gardenDirectory: string,
  heapMegabytes: number,
  limits: Limits,
  sensorVolumes: readonly string[] = [],
): unknown => ({
  processes: [
    {
      name: 'rollcall',
      executable: '/var/vcap/packages/nodejs-24/bin/node',
      args: [
        ...flags(heapMegabytes),
        '/var/vcap/packages/rollcall/start.cjs',
        'agent',
        '--config',
        '/var/vcap/jobs/rollcall/config/agent.json',
      ],
      ephemeral_disk: true,
      additional_volumes: [{ path: gardenDirectory, mount_only: true }],
      hooks: { pre_start: '/var/vcap/jobs/rollcall/bin/bpm-pre-start' },
      limits,
      unsafe: {
        host_pid_namespace: true,
        unrestricted_volumes: ['/sys/fs/cgroup', ...SILK_VOLUMES, ...sensorVolumes].map((path) => ({
          path,
        })),
      },
    },
  ],
});

/** Left out where they are not there. */
const SILK_VOLUMES = ['container-metadata', 'host-local'].map((name) => `/var/vcap/data/${name}*`);

describe('config/bpm.yml', () => {
  before(function () {
    needs(this, 'ruby');
  });

  it('gives the agent what it needs, unprivileged, and nothing more', async () => {
    expect(flags(128)).to.deep.equal(AGENT_FLAGS);
    expect(await bpm()).to.deep.equal(
      expected('/var/vcap/data/garden', 128, { memory: '256M', processes: 64, open_files: 4096 }),
    );
  });

  it('takes limits and the directory of Garden’s socket from the properties', async () => {
    expect(await bpm(EVERY_PROPERTY)).to.deep.equal(
      expected('/var/vcap/data/garden-2', 512, { memory: '1G', processes: 32, open_files: 256 }, [
        '/var/vcap/sys/log/tracee*',
      ]),
    );
  });

  it('takes the least memory that is allowed', async () => {
    expect(await bpm({ 'limits.memory': '96M' })).to.deep.equal(
      expected('/var/vcap/data/garden', 48, { memory: '96M', processes: 64, open_files: 4096 }),
    );
  });
});
