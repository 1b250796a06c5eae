import { expect } from 'chai';
import { asByteString } from '../../src/model/ids.ts';
import {
  launchedBy,
  parseBootTime,
  parseStat,
  parseSignals,
  parseStatus,
  parseProcCgroup,
  cgroupNamespaceOf,
} from '../../src/parse/process-files.ts';

const tail = 'S 7 1 1 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 4242 1000 0';

describe('parseStat', () => {
  it('reads parent and start time', () => {
    expect(parseStat(`12 (sleep) ${tail}`)).to.deep.equal({
      parentPid: 7,
      startTicks: 4242,
      state: 'S',
    });
  });

  it('is not fooled by a name that looks like the rest of the line', () => {
    expect(parseStat(`12 (x) S 1 1 (y) ${tail}`)).to.deep.equal({
      parentPid: 7,
      startTicks: 4242,
      state: 'S',
    });
    expect(parseStat(`12 (a\n) b) ${tail}`)).to.deep.equal({
      parentPid: 7,
      startTicks: 4242,
      state: 'S',
    });
  });

  it('gives null for a cut text', () => {
    for (const text of ['', '12', '12 (sleep', '12 (sleep) S', '12 (sleep) S 7 1']) {
      expect(parseStat(text)).to.equal(null);
    }
  });
});

describe('parseStatus', () => {
  it('reads the real uid and the pids of every namespace', () => {
    const text = 'Name:\tsh\nUid:\t1000\t0\t0\t0\nNSpid:\t24442\t7\n';
    expect(parseStatus(text)).to.deep.equal({ realUid: 1000, namespacePids: [24442, 7] });
  });

  it('gives null if a line is missing (NSpid came with Linux 4.1)', () => {
    expect(parseStatus('Uid:\t0\t0\t0\t0\n')).to.equal(null);
    expect(parseStatus('NSpid:\t1\n')).to.equal(null);
  });
});

describe('parseSignals', () => {
  const status = (state: string, own: string, shared: string, tracer = '0'): string =>
    `Name:\tcat\nState:\t${state}\nTracerPid:\t${tracer}\nSigPnd:\t${own}\nShdPnd:\t${shared}\n`;
  const NONE = '0000000000000000';
  const KILL = '0000000000000100';

  it('finds SIGKILL where it is pending for the thread or for the process', () => {
    const isKilled = (own: string, shared: string) =>
      parseSignals(status('D (disk sleep)', own, shared))?.isKilled;
    expect(isKilled(NONE, NONE)).to.equal(false);
    expect(isKilled(KILL, NONE)).to.equal(true);
    expect(isKilled(NONE, KILL)).to.equal(true);
    // SIGTERM and SIGHUP; every signal but SIGKILL; every signal.
    expect(isKilled('0000000000004001', NONE)).to.equal(false);
    expect(isKilled('fffffffffffffeff', NONE)).to.equal(false);
    expect(isKilled(NONE, 'ffffffffffffffff')).to.equal(true);
  });

  it('reads the state and who traces it', () => {
    expect(parseSignals(status('t (tracing stop)', NONE, KILL, '812'))).to.deep.equal({
      state: 't',
      isKilled: true,
      tracer: 812,
    });
  });

  it('gives null for a text that is cut, empty or garbage', () => {
    const whole = status('D (disk sleep)', KILL, KILL);
    expect(parseSignals(whole.slice(0, -1))).to.equal(null);
    for (const text of ['', 'State:\tD\n', status('D', 'x', KILL), status('', KILL, KILL)])
      expect(parseSignals(text), text).to.equal(null);
    expect(parseSignals(status('D', KILL, KILL, '-1'))).to.equal(null);
  });
});

describe('parseBootTime', () => {
  it('reads btime', () => {
    expect(parseBootTime('cpu 1 2\nbtime 1700000000\nprocesses 1\n')).to.equal(1_700_000_000);
    expect(parseBootTime('cpu 1 2\n')).to.equal(null);
  });
});

describe('launchedBy', () => {
  it('reads whose container a shim serves', () => {
    const argv = '/usr/bin/containerd-shim-runc-v2\0-namespace\0garden\0-id\0H\0-address\0/x\0';
    expect(launchedBy('containerd-shim', argv)).to.deep.equal({
      by: 'containerd-shim',
      namespace: 'garden',
      id: 'H',
      address: '/x',
    });
  });

  it('reads that of dadoo from the depot directory of the process that it runs', () => {
    const argv =
      'dadoo\0-runc-root\0/run/runc\0exec\0/usr/sbin/runc\0/var/vcap/data/garden/depot/H/processes/p-1\0p-1\0';
    expect(launchedBy('dadoo', argv)).to.deep.equal({
      by: 'dadoo',
      id: 'H',
      depot: '/var/vcap/data/garden/depot',
    });
  });

  it('reads nothing from any other process, or from missing arguments', () => {
    expect(launchedBy('sh', 'sh\0/depot/H/processes/p\0')).to.equal(null);
    expect(launchedBy('dadoo', 'dadoo\0')).to.equal(null);
    expect(launchedBy('containerd-shim', 'containerd-shim\0-id\0')).to.equal(null);
  });
});

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

  it('keeps colons, the mark of a removed cgroup and `..` in a path', () => {
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

  it('keeps the first of two paths of a controller', () => {
    const { membership, malformed } = parse('2:pids:/a\n1:pids:/b\n');
    expect(membership).to.deep.equal({ pids: '/a' });
    expect(malformed).to.have.length(1);
  });

  it('is not confused by a controller that is named like a property of every object', () => {
    const { membership } = parse('2:__proto__:/a\n');
    expect(Object.keys(membership)).to.deep.equal(['__proto__']);
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

  it('does not take a cgroup that begins with two dots for a parent', () => {
    expect(cgroupNamespaceOf(null, parse('1:pids:/..a\n').membership)).to.equal('initial');
  });
});
