import { expect } from 'chai';
import { jobMounts } from '../../../tools/mini-bosh/job-mounts.ts';
import { processOf } from './bpm-yml.ts';

const mountsOf = (process: object) => jobMounts('rollcall', processOf(process), []);
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

  it('leave out an unrestricted volume below a mount that every job gets, as bpm does without a word', () => {
    const volumes = [{ path: '/tmp/cgroups-x' }, { path: '/tmpfs' }];
    const found = destinations({ unsafe: { unrestricted_volumes: volumes } });
    expect(found).not.to.include('/tmp/cgroups-x');
    expect(found).to.include('/tmpfs');
  });

  it('stand below the mounts that hold them', () => {
    const depths = destinations({ ephemeral_disk: true }).map((path) => path.split('/').length);
    expect(depths).to.deep.equal(depths.toSorted((a, b) => a - b));
  });
});
