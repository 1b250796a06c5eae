import { expect } from 'chai';
import {
  falcoId,
  tetragonId,
  traceeId,
  traceeIdBefore19,
} from '../../src/sensors/container-ids.ts';
import { rowsOf } from '../rows.ts';

const H = '8a37cb6f-385b-4dd3-732c-34d6';
const T = '5f3b1c1e-6a2d-4b52-9e0a-77d1f0a3c111';
const C = 'check-0a1b2c3d-4e5f-4a6b-7c8d-9e0f1a2b3c4d';

/** Path | what Tracee since 0.19 makes of it | what Falco since 0.41 does. UNIT is gdn's cgroup. */
const ROWS = `
/garden/H | H | 8a37cb6f-385
UNIT/garden/H | H | garden.servi
/garden/good/H | H | good/8a37cb6
/garden/bad/H | H | bad/8a37cb6f
/garden/H/init | H | 8a37cb6f-385
/garden/good/H/init | H | good/8a37cb6
/H | H | -
UNIT/H | H | garden.servi
/system.slice/H | H | 8a37cb6f-385
/garden/H/H-envoy | H | 8a37cb6f-385
UNIT/garden/H/H-envoy | H | -
/garden/good/H/H-envoy | H | -
/garden/H-liveness-healthcheck-0 | - | 8a37cb6f-385
UNIT/H-envoy | - | garden.servi
UNIT/H-liveness-healthcheck-0 | - | -
/garden/T | - | 5f3b1c1e-6a2
/garden/C | - | check-0a1b2c
/garden-ab/H | H | 8a37cb6f-385
/bpm-rep | - | rep
/system.slice/runc-bpm-rep.scope | - | rep
/system.slice/monit.service/bpm-rep | - | monit.servic
/system.slice/bpm-route_emitter | - | bpm-route_em
`;
const HANDLES: Readonly<Record<string, string>> = { H, T, C, UNIT: '/system.slice/garden.service' };
const named = (text: string): string =>
  text.replaceAll(/\b(?:[HTC]|UNIT)\b/g, (name) => HANDLES[name] ?? name);
const idOf = (text = ''): string | null => (text === '-' ? null : named(text));

describe('ids that sensors make of a cgroup path', () => {
  for (const [place = '', tracee, falco] of rowsOf(ROWS)) {
    it(place, () => {
      const path = named(place);
      expect(traceeId(path), 'Tracee').to.equal(idOf(tracee));
      expect(falcoId(path), 'Falco').to.equal(idOf(falco));
      expect(traceeIdBefore19(path), 'Tracee before 0.19').to.equal(null);
      expect(tetragonId(path), 'Tetragon').to.equal(null);
    });
  }

  it('all know what docker makes', () => {
    const id = 'ab'.repeat(32);
    const path = `/system.slice/docker-${id}.scope`;
    expect(tetragonId(path)).to.equal(id.slice(0, 31));
    expect(traceeIdBefore19(`/docker/${id}`)).to.equal(id);
    expect(traceeId(`/docker/${id}/${H}`)).to.equal(H);
    expect(falcoId(`/docker/${id}`)).to.equal(id.slice(0, 12));
  });

  it("on a cell inside another runtime's container, a task has the id of that container", () => {
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

  it('Falco takes 64 characters for an id and not 65, and no unit of the host', () => {
    expect(falcoId(`/ns/${'x'.repeat(64)}`)).to.equal('x'.repeat(12));
    expect(falcoId(`/ns/${'x'.repeat(65)}`)).to.equal(null);
    expect(falcoId('/ns/short')).to.equal('short');
    expect(falcoId('/ns/')).to.equal(null);
    expect(falcoId('/system.slice/ssh.service')).to.equal(null);
    expect(falcoId('/user.slice/user-0.slice/session-1.scope')).to.equal(null);
  });
});
