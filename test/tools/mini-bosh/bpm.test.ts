import { expect } from 'chai';
import { withoutUnmounted } from '../../../tools/mini-bosh/bpm.ts';
import { bpmProcess, bytesOf, type BpmProcess } from '../../../tools/mini-bosh/bpm-config.ts';
import { jobMounts } from '../../../tools/mini-bosh/job-mounts.ts';

/** The process of a bpm.yml that holds little more than this. */
const processOf = (process: object): BpmProcess =>
  bpmProcess(
    'rollcall',
    JSON.stringify({ processes: [{ name: 'rollcall', executable: '/bin/true', ...process }] }),
  );

describe('bpm.yml of a job', () => {
  it('is read with the defaults of bpm', () => {
    const read = processOf({ unsafe: { host_pid_namespace: true } });
    expect(read.unsafe).to.deep.equal({ unrestricted_volumes: [], host_pid_namespace: true });
    expect(read.shutdown_signal).to.equal('TERM');
    expect(read.capabilities).to.deep.equal([]);
  });

  const refused: Readonly<Record<string, readonly [object, RegExp]>> = {
    'a key that bpm does not know': [
      { limits: { open_file: 1 } },
      /processes\.0\.limits\.open_file/,
    ],
    'a privileged job': [{ unsafe: { privileged: true } }, /privileged/],
    'a volume outside /var/vcap': [{ additional_volumes: [{ path: '/tmp/x' }] }, /\/tmp\/x/],
    'a volume by a crooked path': [
      { additional_volumes: [{ path: '/var/vcap/data/../x' }] },
      /canonical/,
    ],
    "the job's own directory as a volume": [
      { additional_volumes: [{ path: '/var/vcap/data/rollcall' }] },
      /ephemeral_disk/,
    ],
    'a process of another name': [{ name: 'agent' }, /no process rollcall/],
  };
  for (const [what, [process, message]] of Object.entries(refused)) {
    it(`is refused with ${what}`, () => {
      expect(() => processOf(process)).to.throw(message);
    });
  }

  it('has sizes in binary units', () => {
    expect(bytesOf('256M')).to.equal(268_435_456);
    expect(bytesOf('1G')).to.equal(1_073_741_824);
  });
});

const ITSELF = { resolverDirectories: [], pathsOf: (path: string) => [path] };
const mountsOf = (process: object, mounted = ITSELF) =>
  jobMounts('rollcall', processOf(process), mounted);
const destinations = (process: object): readonly string[] =>
  mountsOf(process).map(({ destination }) => destination);

describe("the mounts of a job under bpm's stand-in", () => {
  it('show the data directory only with ephemeral_disk', () => {
    expect(destinations({})).not.to.include('/var/vcap/data/rollcall');
    expect(destinations({ ephemeral_disk: true })).to.include('/var/vcap/data/rollcall');
  });

  it('show the cgroups only with an unrestricted volume, read only and with the mounts below', () => {
    expect(destinations({})).not.to.include('/sys/fs/cgroup');
    const mounts = mountsOf({ unsafe: { unrestricted_volumes: [{ path: '/sys/fs/cgroup' }] } });
    const cgroups = mounts.find(({ destination }) => destination === '/sys/fs/cgroup');
    expect(cgroups?.options).to.deep.equal(['rbind', 'noexec', 'nosuid', 'nodev', 'ro']);
  });

  it('silently leave out an unrestricted volume below a mount of every job, as bpm does', () => {
    const volumes = [{ path: '/tmp/cgroups-x' }, { path: '/tmpfs' }];
    const found = destinations({ unsafe: { unrestricted_volumes: volumes } });
    expect(found).not.to.include('/tmp/cgroups-x');
    expect(found).to.include('/tmpfs');
  });

  it('show every match of a glob, and nothing for one without a match', () => {
    const volumes = [{ path: '/var/vcap/sys/log/tracee*' }, { path: '/var/vcap/sys/log/falco*' }];
    const found = mountsOf(
      { unsafe: { unrestricted_volumes: volumes } },
      {
        ...ITSELF,
        pathsOf: (pattern) =>
          pattern.includes('tracee')
            ? ['/var/vcap/sys/log/tracee', '/var/vcap/sys/log/tracee-2']
            : [],
      },
    );
    const shown = found.map(({ destination }) => destination);
    expect(shown.filter((path) => path.includes('/sys/log/tracee'))).to.have.length(2);
    expect(shown.filter((path) => /falco|\*/.test(path))).to.deep.equal([]);
  });

  it('stand below the mounts that hold them', () => {
    const depths = destinations({ ephemeral_disk: true }).map((path) => path.split('/').length);
    expect(depths).to.deep.equal(depths.toSorted((a, b) => a - b));
  });
});

describe('/proc/cgroups for bpm itself', () => {
  it('has every controller disabled that the VM does not mount', () => {
    const header = '#subsys_name\thierarchy\tnum_cgroups\tenabled\n';
    const table = `${header}cpu\t1\t9\t1\nmemory\t4\t99\t1\nnet_cls\t0\t1\t1\nhugetlb\t0\t1\t0\n`;
    expect(withoutUnmounted(table, ['cpu', 'memory'])).to.equal(
      `${header}cpu\t1\t9\t1\nmemory\t4\t99\t1\nnet_cls\t0\t1\t0\nhugetlb\t0\t1\t0\n`,
    );
  });
});
