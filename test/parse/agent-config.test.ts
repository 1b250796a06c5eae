import { expect } from 'chai';
import { CONFIG } from '../../src/model/agent-config.ts';
import { parseAgentConfig } from '../../src/parse/agent-config.ts';
import { BOSH } from '../present/agent-state-builder.ts';

const problemsOf = (value: unknown): readonly string[] => {
  const parsed = parseAgentConfig(typeof value === 'string' ? value : JSON.stringify(value));
  return parsed.ok ? [] : parsed.problems;
};

const TLS = { certPath: '/c', keyPath: '/k', caPath: '/a' };

describe("the agent's configuration", () => {
  it('is complete when empty', () => {
    expect(parseAgentConfig('{}')).to.deep.equal({
      ok: true,
      config: {
        garden: { socketPath: '/var/vcap/data/garden/garden.sock', timeoutSeconds: 10 },
        reconcile: { intervalSeconds: 15, gracePeriodSeconds: 30 },
        metrics: { address: '127.0.0.1', port: 9477, tls: null },
        status: { socketPath: '/var/vcap/data/rollcall/rollcall.sock' },
        memory: { path: '/var/vcap/data/rollcall/memory.json' },
        names: { directory: null, criSocketPath: null },
        runbookUrl: null,
        logging: { level: 'info' },
        cell: null,
        sensors: [],
        root: '/',
      },
    });
  });

  const values: readonly {
    readonly key: string;
    readonly good: readonly unknown[];
    readonly bad: readonly unknown[];
    /** What is said of a bad value. */
    readonly allowed: string;
  }[] = [
    {
      key: 'garden.socketPath',
      good: ['/a'],
      bad: ['a', '', 1, null, '/a\u0000b', '/a\n', '/a\u202eb', `/${'x'.repeat(107)}`],
      allowed: 'absolute path',
    },
    {
      key: 'garden.timeoutSeconds',
      good: [1, 60, 2.5],
      bad: [0, 61, '10', null, -1],
      allowed: 'from 1 to 60',
    },
    {
      key: 'reconcile.intervalSeconds',
      good: [1, 60],
      bad: [0.5, 60.5, 61, 3600, true],
      allowed: 'from 1 to 60',
    },
    {
      key: 'reconcile.gracePeriodSeconds',
      good: [0, 86400],
      bad: [-1, 86401, []],
      allowed: 'from 0 to 86400',
    },
    {
      key: 'metrics.address',
      good: ['127.0.0.1', '127.9.9.9', '::1'],
      bad: ['localhost', '', 1, '127.1'],
      allowed: 'IP address',
    },
    {
      key: 'metrics.address',
      good: [],
      bad: ['0.0.0.0', '10.0.0.1', '::', 'fe80::1'],
      allowed: 'unless metrics.tls is set',
    },
    {
      key: 'metrics.port',
      good: [0, 9477, 65535],
      bad: [-1, 65536, 80.5, '9477'],
      allowed: 'from 0 to 65535',
    },
    { key: 'metrics.tls', good: [null, TLS], bad: [true, 'x', 1], allowed: 'null or an object' },
    {
      key: 'cell',
      good: [null, BOSH, { ...BOSH, az: null, ip: null }],
      bad: [true, 'x', 1],
      allowed: 'null or an object',
    },
    {
      key: 'cell.group',
      good: ['ü'],
      bad: ['', 1, null, 'x'.repeat(256)],
      allowed: 'a text of 1 to 255',
    },
    { key: 'cell.index', good: [0, 4711], bad: [-1, 0.5, '0', null], allowed: 'a whole number' },
    { key: 'cell.az', good: [null, 'z1'], bad: ['', 1], allowed: 'null or a text of 1 to 255' },
    { key: 'metrics.tls.keyPath', good: ['/k'], bad: ['k', 1, null], allowed: 'absolute path' },
    {
      key: 'status.socketPath',
      good: [`/${'x'.repeat(106)}`],
      bad: [`/${'ü'.repeat(54)}`],
      allowed: '107 bytes',
    },
    { key: 'memory.path', good: ['/m'], bad: ['m', {}], allowed: 'absolute path' },
    {
      key: 'memory.path',
      good: [`/a/${'x'.repeat(245)}`],
      bad: [`/a/${'ü'.repeat(123)}`, '/'.repeat(5000)],
      allowed: '245 bytes',
    },
    {
      key: 'names.criSocketPath',
      good: [null, '/n/cri.sock', `/${'x'.repeat(106)}`],
      bad: ['cri.sock', `/${'ü'.repeat(54)}`, true],
      allowed: 'null or an absolute path',
    },
    {
      key: 'names.directory',
      good: [null, '/n'],
      bad: ['n', '', 1, '/a\u0000b'],
      allowed: 'null or an absolute path',
    },
    {
      key: 'logging.level',
      good: ['debug', 'info', 'error', 'fatal'],
      bad: ['warn', 'INFO', 1],
      allowed: 'one of debug, info',
    },
    {
      key: 'runbookUrl',
      good: [null, 'https://wiki.example.com/a%20b/runbook.md?raw=1', 'http://wiki:8080'],
      bad: [
        '',
        5,
        '/runbook',
        'javascript:alert(1)',
        'https://u:p@a/b',
        'https://a/b#c',
        'https://a/"',
      ],
      allowed: 'null or an address that begins with https://',
    },
    {
      key: 'runbookUrl',
      good: [`https://a/${'b'.repeat(190)}`],
      bad: [`https://a/${'b'.repeat(191)}`, 'https://a/b c', 'https://a/b\n'],
      allowed: 'at most 200 characters',
    },
    { key: 'root', good: ['/', '/cell'], bad: ['.', ''], allowed: 'absolute path' },
    { key: 'garden', good: [{}], bad: [null, 1, 'x', []], allowed: 'must be an object' },
  ];
  for (const { key, good, bad, allowed } of values) {
    it(`says that ${key} must be ${allowed}`, () => {
      for (const value of good) expect(problemsOf(configWith(key, value))).to.deep.equal([]);
      for (const value of bad) {
        const problems = problemsOf(configWith(key, value));
        expect(problems, JSON.stringify(value)).to.have.length(1);
        expect(problems[0]?.startsWith(`${key} must `), problems[0]).to.equal(true);
        expect(problems[0]).to.contain(allowed);
      }
    });
  }

  it('allows other machines to reach the port only with client certificates', () => {
    expect(problemsOf({ metrics: { address: '0.0.0.0', tls: TLS } })).to.deep.equal([]);
    const [problem] = problemsOf({ metrics: { address: '0.0.0.0' } });
    expect(problem).to.match(
      /^metrics\.address must be a loopback address .* client certificates, .*, not "0\.0\.0\.0"\.$/,
    );
  });

  const sensor = (name: string, path = `/var/log/${name}/events.json`) => ({
    name,
    format: 'tracee',
    path,
  });

  it('accepts sensors', () => {
    expect(
      parseAgentConfig(JSON.stringify({ sensors: [sensor('tracee')] })),
    ).to.deep.nested.include({
      ok: true,
      'config.sensors': [{ ...sensor('tracee'), graceSeconds: 120 }],
    });
  });

  const wrong: readonly (readonly [says: string, key: string, value: unknown])[] = [
    ['at most 4', 'sensors', [1, 2, 3, 4, 5].map((at) => sensor(`s${at}`))],
    ['each name and each path once', 'sensors', [sensor('a'), sensor('a', '/b')]],
    ['each name and each path once', 'sensors', [sensor('a', '/b'), sensor('b', '/b')]],
    ['tracee, falco, ids', 'sensors', [{ ...sensor('a'), format: 'xml' }]],
    ['lower case', 'sensors', [{ ...sensor('a'), name: 'A b' }]],
    ['from 1 to 86400', 'sensors', [{ ...sensor('a'), graceSeconds: 0 }]],
    ['grace is unknown', 'sensors', [{ ...sensor('a'), grace: 1 }]],
    ['path is missing', 'sensors', [{ name: 'a', format: 'ids' }]],
    ['a list of at most 4', 'sensors', { a: 1 }],
  ];
  for (const [says, key, value] of wrong) {
    it(`says "${says}" of the ${key} ${JSON.stringify(value).slice(0, 90)}`, () => {
      expect(problemsOf({ [key]: value }).join(' ')).to.contain(says);
    });
  }

  it('names each of the three paths of tls that is missing', () => {
    expect(problemsOf({ metrics: { tls: { certPath: '/c' } } })).to.deep.equal([
      'metrics.tls.keyPath is missing.',
      'metrics.tls.caPath is missing.',
    ]);
  });

  it('reports every problem at once, and names every unknown key', () => {
    const problems = problemsOf({
      metrics: { port: 'x', prot: 1, adress: 2 },
      loging: {},
      logging: { level: 'warn' },
      root: 'here',
    });
    expect(problems).to.deep.equal([
      'metrics.port must be a whole number from 0 to 65535, not "x".',
      'metrics.prot is unknown; known keys: address, port, tls.',
      'metrics.adress is unknown; known keys: address, port, tls.',
      'logging.level must be one of debug, info, error, fatal, not "warn".',
      'root must be an absolute path without control characters, not "here".',
      `loging is unknown; known keys: ${Object.keys(CONFIG).join(', ')}.`,
    ]);
  });

  it('says where it is not valid JSON, as the only problem', () => {
    expect(problemsOf('{\n  "metrics": {"port": 1,}\n}')).to.deep.equal([
      'The configuration is not valid JSON (line 2, column 25).',
    ]);
    expect(problemsOf('')).to.deep.equal([
      'The configuration is not valid JSON (line 1, column 1).',
    ]);
  });

  it('is one object', () => {
    for (const value of [[], 1, null, 'x', [{ root: '/' }]]) {
      const problems = problemsOf(JSON.stringify(value));
      expect(problems).to.have.length(1);
      expect(problems[0]).to.match(/^The configuration must be a JSON object, not /);
    }
  });
});

/** `a.b` as an object; beside a key of tls or cell the other ones are given. */
function configWith(key: string, value: unknown): unknown {
  const [first = '', second, third] = key.split('.');
  if (second === undefined) return { [first]: value };
  if (first === 'cell') return { cell: { ...BOSH, [second]: value } };
  return { [first]: { [second]: third === undefined ? value : { ...TLS, [third]: value } } };
}
