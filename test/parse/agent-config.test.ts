import { expect } from 'chai';
import { CONFIG } from '../../src/model/agent-config.ts';
import { parseAgentConfig } from '../../src/parse/agent-config.ts';
import { BOSH } from '../present/agent-state-builder.ts';
import { rowsOf } from '../rows.ts';

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

  const json = JSON.stringify;
  /** A key, right and wrong values, and what is said of the wrong ones. */
  const values = `
garden.socketPath | "/a" | "a", "", 1, null, "/a\\u0000b", "/a\\n", "/a\\u202eb", "/${'x'.repeat(107)}" | absolute path
garden.timeoutSeconds | 1, 60, 2.5 | 0, 61, "10", null, -1 | from 1 to 60
reconcile.intervalSeconds | 1, 60 | 0.5, 60.5, 61, 3600, true | from 1 to 60
reconcile.gracePeriodSeconds | 0, 86400 | -1, 86401, [] | from 0 to 86400
metrics.address | "127.0.0.1", "127.9.9.9", "::1" | "localhost", "", 1, "127.1" | IP address
metrics.address |  | "0.0.0.0", "10.0.0.1", "::", "fe80::1" | unless metrics.tls is set
metrics.port | 0, 9477, 65535 | -1, 65536, 80.5, "9477" | from 0 to 65535
metrics.tls | null, ${json(TLS)} | true, "x", 1 | null or an object
cell | null, ${json(BOSH)}, ${json({ ...BOSH, az: null, ip: null })} | true, "x", 1 | null or an object
cell.group | "ü" | "", 1, null, "${'x'.repeat(256)}" | a text of 1 to 255
cell.index | 0, 4711 | -1, 0.5, "0", null | a whole number
cell.az | null, "z1" | "", 1 | null or a text of 1 to 255
metrics.tls.keyPath | "/k" | "k", 1, null | absolute path
status.socketPath | "/${'x'.repeat(106)}" | "/${'ü'.repeat(54)}" | 107 bytes
memory.path | "/m" | "m", {} | absolute path
memory.path | "/a/${'x'.repeat(245)}" | "/a/${'ü'.repeat(123)}", "${'/'.repeat(5000)}" | 245 bytes
names.criSocketPath | null, "/n/cri.sock", "/${'x'.repeat(106)}" | "cri.sock", "/${'ü'.repeat(54)}", true | null or an absolute path
names.directory | null, "/n" | "n", "", 1, "/a\\u0000b" | null or an absolute path
logging.level | "debug", "info", "error", "fatal" | "warn", "INFO", 1 | one of debug, info
runbookUrl | null, "https://wiki.example.com/a%20b/runbook.md?raw=1", "http://wiki:8080" | "", 5, "/runbook", "javascript:alert(1)", "https://u:p@a/b", "https://a/b#c", "https://a/\\"" | null or an address that begins with https://
runbookUrl | "https://a/${'b'.repeat(190)}" | "https://a/${'b'.repeat(191)}", "https://a/b c", "https://a/b\\n" | at most 200 characters
root | "/", "/cell" | ".", "" | absolute path
garden | {} | null, 1, "x", [] | must be an object
`;
  for (const [key = '', good, bad, allowed] of rowsOf(values)) {
    it(`says what ${key} may be`, () => {
      const listOf = (cell?: string) => JSON.parse(`[${cell}]`) as readonly unknown[];
      for (const value of listOf(good))
        expect(problemsOf(configWith(key, value))).to.deep.equal([]);
      for (const value of listOf(bad)) {
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
    expect(parseAgentConfig(json({ sensors: [sensor('tracee')] }))).to.deep.nested.include({
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
    it(`says "${says}" of the ${key} ${json(value).slice(0, 90)}`, () => {
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
