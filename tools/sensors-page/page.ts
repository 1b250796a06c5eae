import { SENSOR_ROWS } from '../../src/model/sensor.ts';
import { TOOLS, type ToolVersions } from '../../src/sensors/tools.ts';
import { fileWith } from '../generated-part.ts';
import { code, item, markdownTable } from '../markdown.ts';
import { recordedModes } from './cells.ts';
import { summaryTable } from './summary.ts';
import { verdictTables } from './verdicts.ts';

const SENSORS_PAGE = 'docs/sensors.md';
const SENSORS_APPENDIX = 'docs/appendix/sensors.md';

/** What sensors see, and its appendix with verdicts and rules; written by hand except for these. */
export const sensorsPages = (): ReadonlyMap<string, string> =>
  new Map([
    [
      SENSORS_PAGE,
      fileWith(SENSORS_PAGE, { 'src/sensors/tools.ts': summaryTable(recordedModes()) }),
    ],
    [
      SENSORS_APPENDIX,
      fileWith(SENSORS_APPENDIX, {
        'src/sensors/predict.ts': verdictTables(recordedModes()),
        ...Object.fromEntries(
          [...Map.groupBy(TOOLS, ({ tool }) => tool)].map(([tool, ranges]) => [
            `the rules of ${tool} in src/sensors/tools.ts`,
            rulesOf(ranges),
          ]),
        ),
        'src/model/sensor.ts': sensorTable(),
      }),
    ],
  ]);

function rulesOf(ranges: readonly ToolVersions[]): string {
  const [common = [], ...others] = ranges.map(factsOf);
  const shared =
    others.length === 0 ? [] : common.filter((one) => others.every((facts) => facts.includes(one)));
  const limits = new Set(ranges.flatMap((range) => range.limits));
  return [
    ...(shared.length === 0 ? [] : [`**All versions**\n\n${shared.join('\n')}`]),
    ...ranges.map((range) => rangeOf(range, shared)),
    `Limits:\n\n${limits.size === 0 ? '- none known' : [...limits].map((limit) => item(limit)).join('\n')}`,
  ].join('\n\n');
}

const factsOf = ({ takes, walks, makesId, remedy, source }: ToolVersions): readonly string[] => [
  item(`mount: ${takes}`),
  item(`walks: ${walks}`),
  item(`id: ${makesId}`),
  item(`remedy: ${remedy ?? 'none'}`),
  item(`source: ${source}`),
];

function rangeOf(range: ToolVersions, shared: readonly string[]): string {
  const own = factsOf(range).filter((fact) => !shared.includes(fact));
  const head = range.versions === '' ? '' : `**${headOf(range.versions)}**\n\n`;
  return `${head}${own.join('\n')}`;
}

const headOf = (versions: string): string =>
  /^v\d/.test(versions) ? versions : `${versions.slice(0, 1).toUpperCase()}${versions.slice(1)}`;

const sensorTable = (): string =>
  markdownTable(
    ['sensor', 'processes', 'user'],
    Object.values(SENSOR_ROWS).map(({ title, comms, uid }) => [
      title,
      comms.map(code).join(', '),
      uid === 0 ? 'root' : 'any',
    ]),
  );
