import { expect } from 'chai';
import fc from 'fast-check';
import { asByteString } from '../../src/model/ids.ts';
import { parseProcCgroup } from '../../src/parse/cgroup-file.ts';
import { cgroupNamespaceOf } from '../../src/parse/cgroup-namespace.ts';
import { anyBytes } from './table-arbitraries.ts';

const parse = (text: string) => parseProcCgroup(asByteString(text));

describe('parseProcCgroup', () => {
  it('gives a path to every controller, named hierarchy and v2', () => {
    const { membership, malformed } = parse(
      '12:cpu,cpuacct:/system.slice/garden.service/garden/h\n3:cpuset:/garden/h\n1:name=systemd:/\n0::/x\n',
    );
    expect(malformed).to.deep.equal([]);
    expect(membership).to.deep.equal({
      cpu: '/system.slice/garden.service/garden/h',
      cpuacct: '/system.slice/garden.service/garden/h',
      cpuset: '/garden/h',
      'name=systemd': '/',
      v2: '/x',
    });
  });

  it('keeps colons, the mark of a removed cgroup and ways up in a path', () => {
    const { membership } = parse(
      '4:memory:/system.slice/cri-containerd:a:b\n3:pids:/garden/h (deleted)\n2:cpu:/../../garden\n',
    );
    expect(membership).to.deep.equal({
      memory: '/system.slice/cri-containerd:a:b',
      pids: '/garden/h (deleted)',
      cpu: '/../../garden',
    });
  });

  it('does not confuse a hierarchy named like a controller with it', () => {
    expect(parse('7:name=cpuset:/a\n').membership).to.deep.equal({ 'name=cpuset': '/a' });
  });

  for (const line of [
    '',
    'x:cpu:/',
    '3:cpu',
    '3:cpu:relative',
    '3::/',
    '0:cpu:/',
    '3:cpu,,pids:/',
    '-1:cpu:/',
  ]) {
    it(`reports ${JSON.stringify(line)} and reads on`, () => {
      const { membership, malformed } = parse(`${line}\n1:pids:/a\n`);
      expect(membership).to.deep.equal({ pids: '/a' });
      expect(malformed.map((one) => one.line)).to.deep.equal([1]);
    });
  }

  it('keeps the first of two places of a controller', () => {
    const { membership, malformed } = parse('2:pids:/a\n1:pids:/b\n');
    expect(membership).to.deep.equal({ pids: '/a' });
    expect(malformed).to.have.length(1);
  });

  it('takes no controller for a property of all objects', () => {
    const { membership } = parse('2:__proto__:/a\n');
    expect(Object.keys(membership)).to.deep.equal(['__proto__']);
  });

  it('never fails on any bytes', () => {
    fc.assert(fc.property(anyBytes, (bytes) => void parseProcCgroup(bytes)));
  });
});

describe('cgroupNamespaceOf', () => {
  const inside = parse('1:pids:/a\n').membership;
  const outside = parse('2:memory:/../..\n1:pids:/\n').membership;

  it('knows the initial namespace by its inode', () => {
    expect(cgroupNamespaceOf('cgroup:[4026531835]', inside)).to.equal('initial');
    expect(cgroupNamespaceOf('cgroup:[4026532500]', inside)).to.equal('private');
  });

  it('is private when pid 1 is outside in one hierarchy', () => {
    expect(cgroupNamespaceOf('cgroup:[4026531835]', outside)).to.equal('private');
  });

  it('is initial on a kernel without cgroup namespaces', () => {
    expect(cgroupNamespaceOf(null, inside)).to.equal('initial');
    expect(cgroupNamespaceOf(null, null)).to.equal('initial');
  });

  it('does not take a cgroup that begins with two dots for a way up', () => {
    expect(cgroupNamespaceOf(null, parse('1:pids:/..a\n').membership)).to.equal('initial');
  });
});
