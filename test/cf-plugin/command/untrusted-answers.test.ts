import { Agent } from 'node:http';
import { Duplex } from 'node:stream';
import { askAboutApps } from '../../../src/cf-plugin/cloud-controller/apps.ts';
import { appStatus } from '../../../src/cf-plugin/cloud-controller/app-view.ts';
import { findFoundation } from '../../../src/cf-plugin/cloud-controller/foundation.ts';
import { foundationStatus } from '../../../src/cf-plugin/foundation/foundation-status.ts';
import { statusTable } from '../../../src/cf-plugin/foundation/status-table.ts';
import type { View } from '../../../src/cf-plugin/cf/options.ts';
import { openClient, type Server } from '../../../src/cf-plugin/http/client.ts';
import {
  rememberedIn,
  rememberedText,
  type Earlier,
} from '../../../src/cf-plugin/remembered/remembered-cells.ts';
import { readSpan, type Sample } from '../../../src/cf-plugin/log-cache/read.ts';
import { parseJson } from '../../../src/parse/json.ts';
import { colors } from '../../../src/present/color.ts';
import { jsonText } from '../../../src/present/json-text.ts';
import { containers, LOST } from '../../present/agent-state-builder.ts';
import { keepsPromises } from '../../untrusted-text.ts';
import { NOW, cell, fleet, seriesOf } from '../standin/fleet.ts';
import { LogCacheStore, type Series } from '../standin/log-cache.ts';

/** Answers each request itself, without a network. */
class Answering extends Agent {
  readonly #bodyOf: (path: string) => string;

  constructor(bodyOf: (path: string) => string) {
    super({ keepAlive: false });
    this.#bodyOf = bodyOf;
  }

  override createConnection(): Duplex {
    const bodyOf = this.#bodyOf;
    return new Duplex({
      read: () => undefined,
      write(this: Duplex, request: Buffer, _encoding, done) {
        const [, path = ''] = /^GET (\S+) /.exec(request.toString('latin1')) ?? [];
        const body = Buffer.from(bodyOf(path), 'latin1');
        const head = [
          'HTTP/1.1 200 OK',
          'Date: Mon, 02 Mar 2026 10:21:45 GMT',
          `Content-Length: ${body.length}`,
        ];
        this.push(`${head.join('\r\n')}\r\n\r\n`);
        this.push(body);
        this.push(null);
        done();
      },
    });
  }
}

function serverOf(bodyOf: (path: string) => string): Server {
  const client = openClient({ skipsVerification: true, env: {}, trace: null });
  const agents = { ...client.agents, 'http:': new Answering(bodyOf) };
  return { client: { ...client, agents }, url: new URL('http://x/'), token: 'bearer x' };
}

const SERIES: readonly Series[] = seriesOf(
  ...fleet(2),
  cell(2, { containers: [...containers(2), LOST] }),
).map((one) => ({ ...one, labels: { ...one.labels, source_id: 'rollcall' } }));
const SOURCE = { id: 'rollcall', names: [...new Set(SERIES.map(({ name }) => name))] };
/** One scrape of each. */
const SPAN = { from: NOW - 20.5, to: NOW };

const pageOf = (series: readonly Series[]): string =>
  new LogCacheStore(series, NOW).read(
    'rollcall',
    new URLSearchParams({
      limit: '1000',
      start_time: `${SPAN.from * 1e9}`,
      end_time: `${NOW}000000000`,
    }),
  ).body;

const NOTHING: Earlier = { cells: [], isNone: true, unusable: null };

/** What the plugin makes of samples, whatever it asked for. */
const statusOf = (samples: Sample[], earlier: Earlier = NOTHING) =>
  foundationStatus(
    {
      now: NOW,
      skew: 0,
      samples,
      findings: samples,
      reps: samples,
      wholeSince: NOW - 300,
      retainedSeconds: { heartbeat: 3600, rep: 3600 },
      lookedBackSeconds: () => 900,
      reads: 1,
      errors: [],
    },
    {
      api: 'http://x',
      selection: { cell: null, deployment: null, untrackedOnly: false },
      expectedCells: null,
      expectedGroups: null,
      forget: null,
    },
    earlier,
  ).status;
type Status = Parameters<typeof statusTable>[0];
const shown = (status: Status, views: readonly View[]): readonly string[] => [
  jsonText(status),
  ...views.flatMap((view) =>
    statusTable(status, {
      colors: colors(false),
      room: 100,
      view,
      isWide: true,
    }).split('\n'),
  ),
];

const GUID = LOST.handle;
const APP = {
  root: {
    links: { log_cache: { href: 'http://x' }, cloud_controller_v3: { href: 'http://x/v3' } },
  },
  apps: {
    resources: [
      {
        guid: 'g',
        name: 'dora',
        state: 'STARTED',
        relationships: { space: { data: { guid: 's' } } },
      },
    ],
    included: {
      spaces: [
        { guid: 's', name: 'space', relationships: { organization: { data: { guid: 'o' } } } },
      ],
      organizations: [{ guid: 'o', name: 'org' }],
    },
  },
  processes: {
    resources: [
      { guid: 'p', type: 'web', instances: 2, relationships: { app: { data: { guid: 'g' } } } },
    ],
  },
  stats: {
    resources: [
      { index: 0, state: 'RUNNING', host: '10.0.4.10', uptime: 60, instance_guid: GUID },
      { index: 1, state: 'DOWN' },
    ],
  },
};
const partOf = (path: string): keyof typeof APP =>
  path === '/'
    ? 'root'
    : ((['stats', 'processes'] as const).find((part) => path.includes(`/${part}`)) ?? 'apps');

const OWNER = { api: 'https://api.example.com', user: 'user-1' };
const SEEN = { deployment: 'cf', instanceGroup: 'diego_cell', index: 'x', ip: '10.0.4.10' };

describe('where a server of the foundation answers,', () => {
  keepsPromises('an answer of Log Cache', {
    recorded: () => [...Map.groupBy(SERIES, ({ labels }) => labels['index']).values()].map(pageOf),
    read: async (text) => {
      const { samples, error } = await readSpan(
        serverOf(() => text),
        SOURCE,
        SPAN,
      );
      return [error?.text ?? '', ...shown(statusOf([...samples]), ['cells', 'sensors'])];
    },
  });

  keepsPromises('an answer of the Cloud Controller', {
    recorded: () => [JSON.stringify(APP)],
    failures: ['CF_API', 'APP_NOT_FOUND'],
    read: async (text) => {
      const parts = new Map(Object.entries(parseJson(text) ?? {}));
      const server = serverOf((path) => {
        const part: unknown = parts.get(partOf(path));
        return part === undefined ? text : JSON.stringify(part);
      });
      const { cloudController } = await findFoundation(server.client, 'http://x');
      if (cloudController === null) return [];
      const answers = await askAboutApps({ ...server, url: cloudController }, [{ names: 'dora' }]);
      const question = { app: 'dora', org: null, space: null };
      return shown(appStatus(statusOf([]), answers, question, null), ['app']);
    },
  });
});

describe('where somebody changed what the plugin kept,', () => {
  keepsPromises('the list of remembered cells', {
    recorded: () => [
      rememberedText(OWNER, [{ ...SEEN, lastSampleAt: NOW - 86_400, forgottenAt: null }]),
    ],
    read: (text) => {
      const parsed = rememberedIn(text, OWNER);
      if (!parsed.ok) return [parsed.why];
      const { cells } = parsed;
      return shown(statusOf([], { cells, isNone: false, unusable: null }), ['cells']);
    },
  });
});
