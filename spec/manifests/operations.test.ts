import { globSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { execa } from 'execa';
import { parse, stringify } from 'yaml';
import { temporaryFolder } from '../../test/temporary-folder.ts';
import { applyOps } from '../../tools/runtime-config/apply-ops.ts';
import { JOBS, needs, PRIVATE_KEY, suiteNeeds } from '../rendered.ts';
import {
  ALL_CELLS,
  applied,
  files,
  folder,
  NAMES,
  OPERATIONS,
  placed,
  read,
  variablesLeft,
  variablesOf,
} from './runtime-config.ts';

describe('The manifests', () => {
  it('have a test for every ops file, and a line in the table of operations/README.md', () => {
    const there = globSync('*.yml', { cwd: join(folder, 'operations') });
    expect(there).to.have.members(NAMES);
    const rows = [...read('operations/README.md').matchAll(/^\| `([^`]+\.yml)` \|(.*)$/gm)];
    expect(rows.map(([, name]) => name)).to.deep.equal(NAMES);
    for (const [, name = '', row = ''] of rows) {
      const named = [...row.matchAll(/`-v '?(\w+)=/g)].map(([, variable]) => variable);
      expect(named, name).to.have.members(Object.keys(OPERATIONS[name] ?? {}));
    }
  });

  describe('runtime-config.yml', () => {
    it('places the job on every Linux cell with rep of diego, and on nothing else', () => {
      const config = applied();
      expect(placed(config)).to.deep.equal(ALL_CELLS);
      expect(config.addons[0].jobs).to.deep.equal([
        { name: 'rollcall', release: 'rollcall', properties: {} },
      ]);
    });

    it('pins the version by a variable, the only one', () => {
      const variables = read('runtime-config.yml').match(/\(\(.*?\)\)/g);
      expect(variables).to.deep.equal(['((rollcall_version))']);
      expect(variablesLeft(applied())).to.deep.equal([]);
    });

    it('warns of its variable, and names the file for operators', () => {
      expect(read('runtime-config.yml')).to.match(/WARNING[^]*EVERY deployment/);
      expect(read('runtime-config.yml')).to.include('rollcall-runtime-config-VERSION.yml');
    });

    it('has no variable left where bosh makes a dev release of the clone', () => {
      const config = applyOps(parse(read('runtime-config.yml')), read('dev-release.yml'), 'dev');
      expect(config).to.have.deep.property('releases', [
        { name: 'rollcall', version: 'create', url: 'file://.' },
      ]);
      expect(stringify(config)).not.to.include('((');
    });

    it('never adds the job bpm, which cells have already', () => {
      expect(stringify(applied(...NAMES))).not.to.match(/name: bpm/);
    });
  });

  for (const name of NAMES) {
    it(`have no variable left after operations/${name} but the absolute ones that it makes`, () => {
      const config = applied(name);
      const made = (config.variables ?? []).map((each) => each.name);
      for (const left of variablesLeft(config))
        expect(
          made.some((each) => left.startsWith(`((${each}.`)),
          left,
        ).to.equal(true);
    });

    it(`have properties that the templates take after operations/${name}, even if it is applied twice`, async function () {
      expect(applied(name, name)).to.deep.equal(applied(name));
      needs(this, 'ruby');
      expect((await files(applied(name))).size).to.be.greaterThan(0);
    });
  }
});

describe('The ops file', () => {
  suiteNeeds('ruby');

  const CHANGES = [
    {
      name: 'names-cri.yml',
      file: 'config/agent.json',
      place: 'names.criSocketPath',
      value: '/var/vcap/data/rollcall/cri/cri.sock',
    },
    {
      name: 'names-files.yml',
      file: 'config/agent.json',
      place: 'names.directory',
      value: '/var/vcap/data/rollcall/names',
    },
    {
      name: 'interval.yml',
      file: 'config/agent.json',
      place: 'reconcile.intervalSeconds',
      value: 60,
    },
    {
      name: 'interval.yml',
      file: 'config/agent.json',
      place: 'reconcile.gracePeriodSeconds',
      value: 30,
    },
    {
      name: 'sensor-tracee.yml',
      file: 'config/agent.json',
      place: 'sensors[0].path',
      value: '/var/vcap/sys/log/tracee/events.json',
    },
    {
      name: 'sensor-tracee.yml',
      file: 'config/bpm.yml',
      place: 'processes[0].unsafe.unrestricted_volumes[3].path',
      value: '/var/vcap/sys/log/tracee*',
    },
    {
      name: 'small-footprint.yml',
      file: 'config/bpm.yml',
      place: 'processes[0].limits.memory',
      value: '128M',
    },
  ];
  for (const { name, file, place, value } of CHANGES)
    it(`${name} makes ${place} of ${file} ${value}`, async () => {
      const text = (await files(applied(name))).get(file) ?? '';
      expect(parse(text)).to.have.nested.property(place, value);
    });

  it('small-footprint.yml makes no deploy wait, and places the job on all cells', async () => {
    const config = applied('small-footprint.yml');
    expect((await files(config)).get('bin/post-start')).to.include('timeout_seconds=0\n');
    expect(placed(config)).to.include('compute');
  });

  it('disable-prom-scraper.yml makes the file for prom_scraper empty', async () => {
    const config = applied('disable-prom-scraper.yml');
    expect((await files(config)).get('config/prom_scraper_config.yml')).to.equal('');
  });

  it('exclude-isolation-segment.yml takes the job from the named instance groups alone', () => {
    const excluded = applied('exclude-isolation-segment.yml');
    expect(placed(excluded)).to.deep.equal(
      ALL_CELLS.filter((name) => name !== 'isolated_diego_cell'),
    );
  });

  it('only-deployments.yml places the job on the cells of the named deployments', () => {
    expect(placed(applied('only-deployments.yml'))).to.deep.equal(
      ALL_CELLS.filter((name) => !name.startsWith('isolated')),
    );
  });

  it('report-errand.yml adds the errand to the job', async () => {
    const config = applied('report-errand.yml');
    expect(config.addons[0].jobs.map(({ name }) => name)).to.deep.equal([...JOBS]);
    expect((await files(config)).has('bin/run')).to.equal(true);
  });

  it('metrics-tls.yml gives https a certificate whose names are all absolute', async () => {
    const config = applied('metrics-tls.yml');
    // Variables of a runtime config are made for each deployment of the Director: a relative name
    // would be another one in each.
    for (const { name, options } of config.variables ?? []) {
      expect(name).to.match(/^\/[^/]/);
      expect(options.ca).to.equal('/p-bosh/cf-1/metric_scraper_ca');
    }
    for (const left of variablesLeft(config)) expect(left).to.match(/^\(\(\//);
    const scraped = parse((await files(config)).get('config/prom_scraper_config.yml') ?? '') as {
      scheme: string;
      server_name: string;
    };
    expect(scraped.scheme).to.equal('https');
    expect(config.variables?.[0]?.options.alternative_names).to.include(scraped.server_name);
  });

  it('of any name changes the same beside all others, in any order', async () => {
    for (const order of [NAMES, NAMES.toReversed()]) {
      const config = applied(...order);
      const all = await files(config);
      expect(JSON.parse(all.get('config/agent.json') ?? '')).to.have.nested.property(
        'reconcile.intervalSeconds',
        60,
      );
      expect(all.get('config/prom_scraper_config.yml')).to.equal('');
      expect(all.get('config/certs/metrics.key')?.trim()).to.equal(PRIVATE_KEY.trim());
      expect(all.has('bin/run')).to.equal(true);
      expect(placed(config)).not.to.include('isolated_diego_cell');
    }
  });
});

describe('bosh int', () => {
  it('makes the same of every ops file as the applier here', async function () {
    needs(this, 'bosh');
    for (const operations of [...NAMES.map((name) => [name]), NAMES]) {
      const file = join(temporaryFolder(), 'variables.yml');
      writeFileSync(file, stringify(variablesOf(operations)));
      const paths = operations.flatMap((name) => ['-o', join(folder, 'operations', name)]);
      const args = ['int', join(folder, 'runtime-config.yml'), ...paths, '-l', file];
      const { stdout } = await execa('bosh', args);
      expect(parse(stdout)).to.deep.equal(applied(...operations));
    }
  });
});
