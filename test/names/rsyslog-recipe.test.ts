import { spawn, spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { ContainerName } from '../../src/model/names.ts';
import { tablesOf } from '../../src/names/tables.ts';
import { root } from '../../tools/bootstrap/place.mjs';
import { atEndOfTest } from '../at-end-of-test.ts';
import { BILLING, container } from './named-containers.ts';
import { skip } from '../skip.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { waitFor } from '../wait-for.ts';

const RSYSLOGD = '/usr/sbin/rsyslogd';
const TABLE = '/var/vcap/data/rollcall/names/containers.rsyslog.json';
const FALCO = '/var/vcap/sys/log/falco/events.json';
const TRACEE = '/var/vcap/sys/log/tracee/events.json';
const NAMED = '/var/log/named-events.json';

const billing = container(BILLING, {
  app: 'billing',
  appId: 'app-guid',
  index: 1,
  space: 'production',
  spaceId: 'space-guid',
  org: 'payments',
  orgId: 'org-guid',
});

const NAMES = {
  app: 'billing',
  app_id: 'app-guid',
  app_instance: '1',
  org: 'payments',
  org_id: 'org-guid',
  space: 'production',
  space_id: 'space-guid',
};

/** rsyslogd with the recipe of docs/siem.md, its files in a folder, until the end of the test. */
function startRsyslogd() {
  const folder = temporaryFolder();
  const at = (path: string): string => join(folder, path.replaceAll('/', '-'));
  const page = readFileSync(join(root, 'docs/siem.md'), 'utf8');
  const [, recipe = ''] = /```rsyslog\n(.*?)```/s.exec(page) ?? [];
  const placed = [TABLE, FALCO, TRACEE, NAMED].reduce((text, path) => {
    expect(text).to.include(path);
    return text.replaceAll(path, at(path));
  }, recipe);
  const config = join(folder, 'rsyslog.conf');
  writeFileSync(config, `global(workDirectory="${folder}")\n${placed}`);
  const writeTable = (one: ContainerName): void => {
    writeFileSync(`${at(TABLE)}.new`, Buffer.concat(tablesOf([one])['containers.rsyslog.json']));
    renameSync(`${at(TABLE)}.new`, at(TABLE));
  };
  writeTable(billing);
  for (const path of [FALCO, TRACEE]) writeFileSync(at(path), '');
  const daemon = spawn(RSYSLOGD, ['-n', '-f', config, '-i', join(folder, 'pid')]);
  atEndOfTest(() => daemon.kill());
  const named = (): readonly unknown[] =>
    existsSync(at(NAMED))
      ? readFileSync(at(NAMED), 'utf8')
          .split('\n')
          .flatMap((line) => (line === '' ? [] : [JSON.parse(line) as unknown]))
      : [];
  return {
    writeTable,
    named,
    report: (path: string, line: object) => appendFileSync(at(path), `${JSON.stringify(line)}\n`),
  };
}

const falcoLine = (id: string) => ({
  rule: 'Terminal shell in container',
  output_fields: { 'container.id': id, 'container.name': null },
});
const traceeLine = (id: string) => ({ eventName: 'sched_process_exec', container: { id } });

describe('the recipe for rsyslog', function () {
  before(function () {
    if (spawnSync(RSYSLOGD, ['-v']).status !== 0) skip(this, 'needs rsyslogd (Debian: rsyslog)');
  });

  it('adds names to lines of Falco and Tracee, and later those of a new table', async () => {
    const { writeTable, named, report } = startRsyslogd();
    report(FALCO, falcoLine('good/479c5b5'));
    report(TRACEE, traceeLine(BILLING));
    report(TRACEE, traceeLine('8a37cb6f-385b-4dd3-732c-34d6'));
    await waitFor('three lines', () => named().length === 3);
    const withNames = named().filter((line) => JSON.stringify(line).includes('app_id'));
    expect(withNames).to.have.length(2);
    for (const line of withNames)
      expect(line).to.have.property('output_fields').that.includes(NAMES);
    writeTable({ ...billing, app: 'invoices' });
    await waitFor('the new name', () => {
      report(FALCO, falcoLine('479c5b59-177'));
      return JSON.stringify(named().at(-1)).includes('invoices');
    });
  });
});
