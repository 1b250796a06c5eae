import { expect } from 'chai';
import { asByteString } from '../../src/model/ids.ts';
import {
  accessOf,
  launchedBy,
  parseBootTime,
  parseStat,
  parseSignals,
  parseStatus,
  parseProcCgroup,
  runcCommand,
  cgroupNamespaceOf,
} from '../../src/parse/process-files.ts';

const json = (value: unknown): string => JSON.stringify(value) ?? 'undefined';

describe('parseStat', () => {
  const tail = 'S 7 1 1 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 4242 1000 0';

  it('reads parent, start time and state, whatever the name looks like', () => {
    for (const name of ['(sleep)', '(x) S 1 1 (y)', '(a\n) b)'])
      expect(parseStat(`12 ${name} ${tail}`), name).to.deep.equal({
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

describe('accessOf', () => {
  const fdinfo = (flags: string): string => `pos:\t0\nflags:\t${flags}\nmnt_id:\t15\nino:\t7\n`;

  it('reads the octal flags of a descriptor', () => {
    for (const [flags, access] of [
      ['0100000', 'read'],
      ['02000001', 'write'],
      ['0104002', 'both'],
      ['03', null],
    ] as const)
      expect(accessOf(fdinfo(flags)), flags).to.equal(access);
  });

  it('is not known without them', () => {
    for (const text of ['', 'pos:\t0\n', fdinfo('9'), fdinfo('')])
      expect(accessOf(text)).to.equal(null);
  });
});

describe('runcCommand', () => {
  const H = 'aaaaaaaa-0000-4000-8000-0000';
  const lineOf = (...argv: readonly string[]): string => argv.map((one) => `${one}\0`).join('');

  it('finds the command of runc behind its flags, as gdn gives them', () => {
    const events = lineOf('/var/vcap/packages/runc/bin/runc', '--root', '/run/runc', 'events', H);
    expect(runcCommand('runc', events)).to.equal('events');
    const log = ['--debug', '--log', '/depot/create.log', '--log-format', 'json'];
    expect(runcCommand('runc', lineOf('runc', ...log, 'delete', '--force', H))).to.equal('delete');
  });

  it('takes nothing for a command that runc does not have', () => {
    expect(runcCommand('runc', lineOf('runc', '--root', '/run/runc', 'hunter2', H))).to.equal(null);
    expect(runcCommand('runc', '')).to.equal(null);
  });

  it('is about runc alone', () => {
    expect(runcCommand('network-plugin', lineOf('network-plugin', 'delete', H))).to.equal(null);
  });
});

describe('parseSignals', () => {
  const status = (state: string, own: string, shared: string, tracer = '0'): string =>
    `Name:\tcat\nState:\t${state}\nTracerPid:\t${tracer}\nSigPnd:\t${own}\nShdPnd:\t${shared}\n`;
  const NONE = '0000000000000000';
  const KILL = '0000000000000100';

  it('finds SIGKILL where it is pending for the thread or for the process', () => {
    for (const [own, shared, isKilled] of [
      [NONE, NONE, false],
      [KILL, NONE, true],
      [NONE, KILL, true],
      // SIGTERM and SIGHUP; every signal but SIGKILL; every signal.
      ['0000000000004001', NONE, false],
      ['fffffffffffffeff', NONE, false],
      [NONE, 'ffffffffffffffff', true],
    ] as const)
      expect(parseSignals(status('D (disk sleep)', own, shared))?.isKilled).to.equal(isKilled);
  });

  it('reads the state and who traces it', () => {
    expect(parseSignals(status('t (tracing stop)', NONE, KILL, '812'))).to.deep.equal({
      state: 't',
      isKilled: true,
      tracer: 812,
    });
  });

  it('gives null for a text that is cut, empty or garbage', () => {
    for (const text of [
      status('D (disk sleep)', KILL, KILL).slice(0, -1),
      '',
      'State:\tD\n',
      status('D', 'x', KILL),
      status('', KILL, KILL),
      status('D', KILL, KILL, '-1'),
    ])
      expect(parseSignals(text), text).to.equal(null);
  });
});

describe('parseBootTime', () => {
  it('reads btime', () => {
    expect(parseBootTime('cpu 1 2\nbtime 1700000000\nprocesses 1\n')).to.equal(1_700_000_000);
    expect(parseBootTime('cpu 1 2\n')).to.equal(null);
  });
});

describe('launchedBy', () => {
  const LAUNCHES = [
    {
      comm: 'containerd-shim',
      command: '/bin/shim -namespace garden -id H -address /x',
      launched: { by: 'containerd-shim', namespace: 'garden', id: 'H', address: '/x' },
    },
    { comm: 'containerd-shim', command: 'containerd-shim -id', launched: null },
    {
      comm: 'dadoo',
      command: 'dadoo exec /usr/sbin/runc /var/garden/depot/H/processes/p-1 p-1',
      launched: { by: 'dadoo', id: 'H', depot: '/var/garden/depot' },
    },
    { comm: 'dadoo', command: 'dadoo', launched: null },
    { comm: 'sh', command: 'sh /depot/H/processes/p', launched: null },
  ];
  for (const { comm, command, launched } of LAUNCHES) {
    it(`reads ${json(launched)} of ${command}`, () => {
      const read = launchedBy(comm, `${command.replaceAll(' ', '\0')}\0`);
      expect(read).to.deep.equal(launched);
    });
  }
});

const parse = (text: string) => parseProcCgroup(asByteString(text));

describe('parseProcCgroup', () => {
  const CGROUPS = [
    {
      lines: ['12:cpu,cpuacct:/a/garden/h', '3:cpuset:/garden/h', '1:name=systemd:/', '0::/x'],
      membership: {
        cpu: '/a/garden/h',
        cpuacct: '/a/garden/h',
        cpuset: '/garden/h',
        'name=systemd': '/',
        v2: '/x',
      },
    },
    {
      lines: ['4:memory:/system.slice/cri-containerd:a:b'],
      membership: { memory: '/system.slice/cri-containerd:a:b' },
    },
    {
      lines: ['3:pids:/garden/h (deleted)', '2:cpu:/../../garden'],
      membership: { pids: '/garden/h (deleted)', cpu: '/../../garden' },
    },
    { lines: ['7:name=cpuset:/a'], membership: { 'name=cpuset': '/a' } },
    { lines: ['2:__proto__:/a'], membership: { ['__proto__']: '/a' } },
  ];
  for (const { lines, membership } of CGROUPS) {
    it(`reads ${lines.join(' and ')}`, () => {
      expect(json(parse(`${lines.join('\n')}\n`))).to.equal(json(membership));
    });
  }

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
    it(`leaves out ${json(line)} and reads on`, () => {
      expect(parse(`${line}\n1:pids:/a\n`)).to.deep.equal({ pids: '/a' });
    });
  }

  it('keeps the first of two paths of a controller', () => {
    expect(parse('2:pids:/a\n1:pids:/b\n')).to.deep.equal({ pids: '/a' });
  });
});

describe('cgroupNamespaceOf', () => {
  const NAMESPACES = [
    { link: 'cgroup:[4026531835]', firstProcess: ['1:pids:/a'], namespace: 'initial' },
    { link: 'cgroup:[4026532500]', firstProcess: ['1:pids:/a'], namespace: 'private' },
    {
      link: 'cgroup:[4026531835]',
      firstProcess: ['2:memory:/../..', '1:pids:/'],
      namespace: 'private',
    },
    { link: null, firstProcess: ['1:pids:/a'], namespace: 'initial' },
    { link: null, firstProcess: null, namespace: 'initial' },
    { link: null, firstProcess: ['1:pids:/..a'], namespace: 'initial' },
  ];
  for (const { link, firstProcess, namespace } of NAMESPACES) {
    const where = `${link ?? 'no link'} where pid 1 is in ${firstProcess?.join(' and ') ?? '?'}`;
    it(`is ${namespace} for ${where}`, () => {
      const first = firstProcess === null ? null : parse(`${firstProcess.join('\n')}\n`);
      expect(cgroupNamespaceOf(link, first)).to.equal(namespace);
    });
  }
});
