import { expect } from 'chai';
import {
  falcoId,
  tetragonId,
  traceeId,
  traceeIdBefore19,
} from '../../src/sensors/container-ids.ts';

const H = '8a37cb6f-385b-4dd3-732c-34d6';
const T = '5f3b1c1e-6a2d-4b52-9e0a-77d1f0a3c111';

/**
 * Paths besides those that conformance.test.ts asks for, and what Falco since 0.41 makes of each.
 */
const IDS_OF_FALCO: Readonly<Record<string, string>> = {
  [`/garden/bad/${H}`]: 'bad/8a37cb6f',
  '/bpm-rep': 'rep',
  '/system.slice/runc-bpm-rep.scope': 'rep',
  '/system.slice/monit.service/bpm-rep': 'monit.servic',
  '/system.slice/bpm-route_emitter': 'bpm-route_em',
};

describe('an id that sensors make of a cgroup path', () => {
  for (const [path, id] of Object.entries(IDS_OF_FALCO))
    it(`is ${id} where Falco finds a process in ${path}`, () => expect(falcoId(path)).to.equal(id));

  it('is the id of a docker container for all of them', () => {
    const id = 'ab'.repeat(32);
    const path = `/system.slice/docker-${id}.scope`;
    expect(tetragonId(path)).to.equal(id.slice(0, 31));
    expect(traceeIdBefore19(`/docker/${id}`)).to.equal(id);
    expect(traceeId(`/docker/${id}/${H}`)).to.equal(H);
    expect(falcoId(`/docker/${id}`)).to.equal(id.slice(0, 12));
  });

  it("is that of the outer container for a task on a cell in another runtime's container", () => {
    const id = 'ab'.repeat(32);
    const outer = [
      `/system.slice/docker-${id}.scope`,
      `/machine.slice/libpod-${id}.scope`,
      `/kubepods.slice/cri-containerd-${id}.scope`,
      `/kubepods.slice/crio-${id}.scope`,
      `/system.slice/kubepods-pod1.slice:cri-containerd:${id}`,
    ];
    for (const path of outer) {
      expect(traceeId(`${path}/garden/${T}`), path).to.equal(id);
      expect(traceeIdBefore19(`${path}/garden/${H}`), path).to.equal(id);
      expect(traceeId(`${path}/garden/${H}`), path).to.equal(H);
      expect(falcoId(path), path).to.equal(id.slice(0, 12));
    }
    for (const path of outer.slice(0, 4))
      expect(falcoId(`${path}/garden/${H}`), path).to.equal(id.slice(0, 12));
  });

  it('is made by Falco of 64 characters, not of 65, and of no unit of the host', () => {
    expect(falcoId(`/ns/${'x'.repeat(64)}`)).to.equal('x'.repeat(12));
    expect(falcoId(`/ns/${'x'.repeat(65)}`)).to.equal(null);
    expect(falcoId('/ns/short')).to.equal('short');
    expect(falcoId('/ns/')).to.equal(null);
    expect(falcoId('/system.slice/ssh.service')).to.equal(null);
    expect(falcoId('/user.slice/user-0.slice/session-1.scope')).to.equal(null);
  });
});
