import type { Properties } from '../tools/release/render-job.ts';
import { CERTIFICATE, pem, PRIVATE_KEY, TLS, type JobName } from './rendered.ts';
import { jobProperties } from '../tools/job-files/job-properties.ts';

export interface WrongValue {
  readonly job: JobName;
  /** What the error must name. */
  readonly property: string;
  readonly properties: Properties;
  /** Whether properties_schema.json can tell: what depends on two properties it cannot. */
  readonly bySchema: boolean;
}

const each = (
  job: JobName,
  property: string,
  values: readonly unknown[],
  bySchema = true,
): readonly WrongValue[] =>
  values.map((value) => ({ job, property, properties: { [property]: value }, bySchema }));

const agent = (property: string, ...values: readonly unknown[]) =>
  each('rollcall', property, values);
const report = (property: string, ...values: readonly unknown[]) =>
  each('rollcall-report', property, values);
/** Wrong because of another property or entry, or in a way that a schema cannot say. */
const templateOnly = (property: string, ...values: readonly unknown[]) =>
  each('rollcall', property, values, false);
const together = (property: string, properties: Properties): WrongValue => ({
  job: 'rollcall',
  property,
  properties,
  bySchema: false,
});

/** With all that TLS needs, but for one property that is not set or blank. */
const tlsWithout = (name: string, ...values: readonly unknown[]) =>
  values.map((value) =>
    together(`metrics.tls.${name}`, { ...TLS, [`metrics.tls.${name}`]: value }),
  );

/** Beyond the bounds of a number's property, and of another type. */
const numbers = (): readonly WrongValue[] =>
  jobProperties().flatMap(({ name, allowed: { type, minimum = 0, maximum = 0 } }) => {
    if (type !== 'number' && type !== 'integer') return [];
    const beyond = [minimum - 1, maximum + 1, 1e30];
    const otherTypes = [`${minimum}`, true, [minimum], { minimum }];
    const fraction = type === 'integer' ? [minimum + 0.5] : [];
    return agent(name, ...beyond, ...otherTypes, ...fraction);
  });

/** Control characters, one that turns the direction of a text, and a separator of lines. */
const UNPRINTABLE = ['\u0000', '\n', '\u0085', '\u202e', '\u2028'];

const NOT_A_PATH = ['rollcall', 5, '', '/tmp/rollcall'];

/** A socket's path may have 107 bytes. */
const TOO_LONG = `/var/vcap/data/garden/${'x'.repeat(86)}`;

const SENSOR = { name: 'tracee', format: 'tracee', path: '/var/log/tracee/events.json' };

const at = (path: string): unknown => [{ ...SENSOR, path }];
const inData = (rest: string): string => `/var/vcap/data/${rest}`;
const atInData = (rest: string): unknown => at(inData(rest));

const NOT_OPEN = { 'metrics.prom_scraper.enabled': false };

export const WRONG_VALUES: readonly WrongValue[] = [
  ...numbers(),
  ...agent('names.files', 'yes', 1),
  ...agent('names.cri', 'yes', 1),
  ...agent('logging.level', 'warn', 'INFO', '', 1),
  ...agent('garden.socket_path', ...NOT_A_PATH, TOO_LONG),
  // bpm would not start the job, or would show it more than Garden's directory.
  ...agent(
    'garden.socket_path',
    '/garden.sock',
    '/var/vcap/garden.sock',
    ...['garden.sock', 'garden/', '/garden/garden.sock', 'garden/./garden.sock'].map(inData),
    ...['garden/../garden.sock', 'rollcall/garden.sock'].map(inData),
    ...UNPRINTABLE.map((character) => inData(`gar${character}den/garden.sock`)),
    inData('garden/garden.sock\n'),
  ),
  ...agent('metrics.address', 5, ['127.0.0.1'], '127.0.0.1 '),
  ...agent(
    'metrics.address',
    'localhost',
    '',
    '127.0.0.1/8',
    '[::1]',
    '127.1',
    '::1%lo',
    '1::2::3',
  ),
  ...agent(
    'runbook_url',
    '',
    5,
    ['https://a/b'],
    'a/b',
    'ftp://a/b',
    'javascript:alert(1)',
    'https://',
    'https://user:secret@a/b',
    'https://a/b#c',
    'https://a/"b',
    'https://a/b c',
    'https://a/b\nhttps://a',
    `https://a/${'b'.repeat(191)}`,
  ),
  ...agent(
    'sensors',
    'tracee',
    {},
    [1],
    [{ ...SENSOR, name: 'A b' }],
    [{ ...SENSOR, format: 'xml' }],
    [{ ...SENSOR, path: undefined }],
    [{ ...SENSOR, grace_seconds: 0 }],
    [{ ...SENSOR, graceSeconds: 5 }],
    [1, 2, 3, 4, 5].map((one) => ({ ...SENSOR, name: `s${one}`, path: `/var/log/s${one}/x` })),
    ...['/etc/x/y', '/var/log/x', '/var/vcap/jobs/x/y', '/var/log/../x/y', '/var/log/x*/y'].map(at),
    ...UNPRINTABLE.map((character) => at(`/var/log/x${character}/y`)),
  ),
  // bpm would mount them, or every directory whose name begins with the same letters.
  ...templateOnly(
    'sensors',
    ...['garden/x', 'grootfs/x/y', 'jobs/x/y', 'packages/x', 'rollcall/x'].map(atInData),
    ...['g/x', 'garden-ab/x', 'rollcall-report/x', 'sys/log/x/y', 's/x'].map(atInData),
  ),
  ...templateOnly('sensors', [SENSOR, { ...SENSOR, path: '/var/log/x/y' }]),
  ...templateOnly('sensors', [SENSOR, { ...SENSOR, name: 'other' }]),
  // Others could read handles, and prom_scraper asks 127.0.0.1 alone.
  ...['0.0.0.0', '10.0.4.17', '::', '::ffff:127.0.0.1'].map((address) =>
    together('metrics.address', { 'metrics.address': address, ...NOT_OPEN }),
  ),
  together('metrics.address', { 'metrics.address': '::1' }),
  together('metrics.address', { ...TLS, 'metrics.address': '10.0.4.17' }),
  together('metrics.tls.key', { 'metrics.tls.cert': CERTIFICATE, ...NOT_OPEN }),
  together('metrics.tls.cert', { 'metrics.tls.ca_cert': CERTIFICATE, ...NOT_OPEN }),
  ...tlsWithout('server_name', null, ' '),
  ...tlsWithout('cert', null),
  ...tlsWithout('key', null, ' \n'),
  ...tlsWithout('ca_cert', null),
  ...agent('metrics.tls.server_name', 5, true, ['rollcall'], { name: 'rollcall' }),
  ...agent('metrics.tls.server_name', ...UNPRINTABLE.map((character) => `roll${character}call`)),
  // Cut off, which the agent would find on each cell.
  ...agent('metrics.tls.cert', PRIVATE_KEY, CERTIFICATE.slice(0, -30)),
  // The whole certificate variable in place of one of its parts.
  ...agent('metrics.tls.cert', { certificate: CERTIFICATE }),
  ...agent('metrics.tls.key', CERTIFICATE, pem('ENCRYPTED PRIVATE KEY')),
  ...agent('metrics.tls.key', PRIVATE_KEY.replace('-----\n', '-----\nProc-Type: 4,ENCRYPTED\n')),
  ...agent('metrics.tls.ca_cert', '/etc/ssl/ca.pem'),
  ...agent('metrics.prom_scraper.enabled', 'yes', 'false', 1),
  ...agent('metrics.prom_scraper.scrape_interval', '15', '15 seconds', '1d', '-5s', '', 15),
  ...agent('metrics.prom_scraper.scrape_interval', '5s1m', '0s', '9999h'),
  // Log Cache and the alerts would take one lost scrape for a lost cell.
  ...agent('metrics.prom_scraper.scrape_interval', '121s', '2m1s', '5m', '1h'),
  ...agent('metrics.prom_scraper.scrape_interval', '15s\n'),
  ...agent('limits.memory', 256, '256', '0M', '256MB', '-1G', 'all', '95M', '1M'),
  // bpm, runc or the kernel would refuse them on each cell, and name no property.
  ...agent('limits.memory', '10000G', '10000000M', `${'9'.repeat(30)}G`),
  ...report('format', 'html', 'JSON', '', 1),
  ...report('fail_on_untracked', 'true', 1, 'no'),
];
