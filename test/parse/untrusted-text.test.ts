import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { CGROUP_FILES } from '../../src/model/cgroup-numbers.ts';
import { MAX_WHY } from '../../src/model/garden.ts';
import { asByteString, asHandle } from '../../src/model/ids.ts';
import { SENSOR_FORMATS, SENSOR_ID } from '../../src/model/observation.ts';
import { cellIdentityIn, parseAgentConfig } from '../../src/parse/agent-config.ts';
import { parseCgroupNumber } from '../../src/parse/cgroup-number.ts';
import { identityOf } from '../../src/parse/container-identity.ts';
import { fileServersIn } from '../../src/parse/file-servers.ts';
import { parseGardenError, parseHandles, parseProperties } from '../../src/parse/garden-answers.ts';
import * as ledgers from '../../src/parse/ledger-files.ts';
import { parseMountInfo, parseMounts } from '../../src/parse/mount-table.ts';
import * as processes from '../../src/parse/process-files.ts';
import { imagesOfMount, overlaysOf } from '../../src/parse/root-images.ts';
import { sensorFact } from '../../src/parse/sensor-lines.ts';
import { MAX_INSTANT } from '../../src/parse/schema.ts';
import { shownCommand, wholeCommand } from '../../src/parse/shown-command.ts';
import { jsonText } from '../../src/present/json-text.ts';
import { fixtures, recordedParts, recording, startsOfMountTables } from '../recordings.ts';
import { keepsPromises } from '../untrusted-text.ts';

describe('where a tenant writes,', () => {
  keepsPromises('a mount table', {
    recorded: startsOfMountTables,
    read: (text) => {
      const bytes = asByteString(text);
      const lineCount = text.replace(/\n$/, '').split('\n').length;
      const tables = [parseMountInfo(bytes), parseMounts(bytes)];
      for (const { mounts, malformed } of tables)
        expect(mounts.length + malformed.length, 'lines that count').to.equal(
          text === '' ? 0 : lineCount,
        );
      const [firstLine = ''] = text.split('\n');
      for (const { name } of imagesOfMount(asByteString(firstLine)))
        expect(name, 'the name of an image').not.to.include('/');
      expect(ledgers.namespaceMountsOf(bytes).size, 'namespaces').to.be.at.most(lineCount);
      expect(overlaysOf(bytes).size, 'images').to.be.at.most(3 * lineCount);
      return [
        ...tables.flatMap(({ malformed }) => malformed.map((line) => line.text)),
        jsonText(fileServersIn(text)),
      ];
    },
  });

  keepsPromises('a file of a cgroup', {
    recorded: () => [
      ...['runc', 'v2-runc', 'throttle-v1', 'tag-ab-containerd'].flatMap((mode) =>
        [...recordedParts(`garden/${mode}/memberships.txt`).values()].slice(0, 8),
      ),
      'max 100000',
      '50000 100000',
      '8:0 rbps=max wbps=1048576 riops=max wiops=max',
      'populated 1\nfrozen 0',
      'FROZEN',
      '9223372036854771712',
      'max',
    ],
    read: (text) => {
      const membership = processes.parseProcCgroup(asByteString(text));
      for (const path of Object.values(membership)) expect(path).to.match(/^\//);
      const numbers = CGROUP_FILES.map((file) => parseCgroupNumber(file, text));
      for (const number of numbers)
        if (typeof number === 'number') expect(number).to.be.at.least(0);
      processes.cgroupNamespaceOf(text, membership);
      return [jsonText([membership, numbers])];
    },
  });

  keepsPromises('an answer of Garden', {
    recorded: () =>
      ['runc', 'containerd', 'v2-containerd'].flatMap((mode) =>
        [...recordedParts(`garden/${mode}/exchanges.txt`).values()].map((exchange) =>
          exchange.slice(exchange.search(/^[[{]/m)),
        ),
      ),
    read: (text) => {
      const handles = parseHandles(text);
      const properties = parseProperties(text);
      const identity =
        properties.kind === 'answered'
          ? identityOf(asHandle(text.slice(0, 36)), properties.value)
          : null;
      const failures = [handles, properties].flatMap((answer) =>
        answer.kind === 'failed' ? [answer.why] : [],
      );
      for (const why of failures) expect(why).to.have.lengthOf.within(1, MAX_WHY);
      return [...failures, parseGardenError(text) ?? '', jsonText([handles, properties, identity])];
    },
  });

  keepsPromises('a file of a process', {
    recorded: () => [
      ...fixtures('command-lines', /./).flatMap((file) =>
        file.split('\n').map((line) => line.replaceAll(' ', '\0')),
      ),
      ...['stat', 'status', 'cmdline'].map((name) => readFileSync(`/proc/self/${name}`, 'latin1')),
      'containerd-shim-runc-v2\0-namespace\0garden\0-id\0a\0-address\0/run/containerd.sock\0',
      'dadoo\0exec\0/var/vcap/packages/runc/bin/runc\0/var/vcap/data/garden/depot/a/processes/b\0a\0',
      'gdn\0server\0--depot=/var/vcap/data/garden/depot/\0--containerd-socket\0/run/containerd.sock\0',
      'cpu 1 2 3\nbtime 1764000000\nprocesses 7\n',
    ],
    read: (text) => {
      const shown = shownCommand(text);
      expect(shown.length, 'characters of a command').to.be.at.most(256);
      const launched = ['dadoo', 'containerd-shim'].map((comm) => processes.launchedBy(comm, text));
      const facts = [
        processes.parseStat(text),
        processes.parseStatus(text),
        processes.parseSignals(text),
        processes.parseBootTime(text),
        processes.serverFlags(text),
        processes.isExiting(text),
        processes.nameInStatus(text),
      ];
      return [shown, wholeCommand(text), jsonText([launched, facts])];
    },
  });

  keepsPromises('a line of a sensor', {
    recorded: () => [
      ...['7c9ec978', 'v0.13', 'v0.18-v0.24'].flatMap((version) =>
        readFileSync(recording(`sensors/tracee-${version}.txt`), 'latin1').split('\n'),
      ),
      '{"output":"x","priority":"Notice","rule":"r","output_fields":{"container.id":"8a37cb6f-385b-4dd3-732c-34d6"}}',
      '# as of 2026-01-01T00:00:00.5+01:00',
      '8a37cb6f-385b-4dd3-732c-34d6',
    ],
    read: (text) => {
      const facts = SENSOR_FORMATS.flatMap((format) =>
        [true, false].map((isKnown) => sensorFact(format, text, () => isKnown)),
      );
      for (const fact of facts) {
        if (fact === null) continue;
        if ('id' in fact) expect(fact.id).to.match(SENSOR_ID);
        if ('at' in fact) expect(fact.at ?? 0, 'a time').to.be.at.most(MAX_INSTANT);
      }
      return [jsonText(facts)];
    },
  });
});

describe('where others write,', () => {
  keepsPromises('the configuration', {
    recorded: () => [
      '{}',
      JSON.stringify({
        garden: { socketPath: '/x' },
        reconcile: { intervalSeconds: 15 },
        metrics: { port: 1, tls: null },
        logging: { level: 'info' },
        sensors: [{ name: 'a', format: 'ids', path: '/a' }],
      }),
    ],
    read: (text) => {
      const parsed = parseAgentConfig(text);
      return [
        ...(parsed.ok ? [jsonText(parsed.config)] : parsed.problems),
        jsonText(cellIdentityIn(text)),
      ];
    },
  });

  keepsPromises('a ledger', {
    recorded: () => [
      '{"a":{"handle":"a","ip":"10.255.1.2","metadata":{"app_id":"x","space_id":"y","org_id":"z"}}}',
      '{"acquired_ports":{"a":[61001,61002]}}',
      'a\r\neth0',
      'Main:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 10.255.1.2\n        /32 host LOCAL\n',
      'Inter-|   Receive\n face |bytes\n  s-010255001002: 1 2 3\n    lo: 1 2 3\n',
    ],
    read: (text) => {
      const known = [ledgers.parsePortPool(text), ledgers.holderIn(text)];
      const addresses = [...ledgers.parseFibTrie(text), ...ledgers.parseHostInterfaces(text)];
      for (const address of addresses) expect(address).to.match(/^[\d.]+$/);
      return [...addresses, jsonText([known, [...(ledgers.parsePolicyStore(text) ?? [])]])];
    },
  });
});
