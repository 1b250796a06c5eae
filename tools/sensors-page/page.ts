import { SENSOR_ROWS, type SensorName } from '../../src/model/sensor.ts';
import { asTyped } from '../../src/model/typed-as.ts';
import { MOUNT_PLACE, REMEDIES } from '../../src/sensors/remedies.ts';
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
            rulesOf(tool, ranges),
          ]),
        ),
        'src/model/sensor.ts': sensorTable(),
      }),
    ],
  ]);

function rulesOf(tool: SensorName, ranges: readonly ToolVersions[]): string {
  const [common = [], ...others] = ranges.map(factsOf);
  const shared =
    others.length === 0 ? [] : common.filter((one) => others.every((facts) => facts.includes(one)));
  const limits = new Set(ranges.flatMap((range) => range.limits));
  return [
    ...(shared.length === 0 ? [] : [`**All versions**\n\n${shared.join('\n')}`]),
    ...ranges.map((range) => rangeOf(range, shared)),
    `What to change:\n\n${remediesOf(tool)}`,
    `Limits:\n\n${limits.size === 0 ? '- none known' : [...limits].map((limit) => item(limit)).join('\n')}`,
  ].join('\n\n');
}

const factsOf = ({ takes, walks, makesId, source }: ToolVersions): readonly string[] => [
  item(`mount: ${takes}`),
  item(`walks: ${walks}`),
  item(`id: ${makesId}`),
  item(`source: ${source}`),
];

/** Each step of each remedy; `P` is the mount that shows the whole hierarchy. */
function remediesOf(tool: SensorName): string {
  const all = REMEDIES.filter((one) => one.tool === tool);
  return all.length === 0
    ? item('nothing is known that helps')
    : all
        .flatMap(({ versions, steps }) =>
          steps.map(({ action, setting }) => {
            const of = versions === '' ? '' : `${versions}: `;
            return item(`${of}${action}${setting === null ? '' : ` ${code(typedHere(setting))}`}`);
          }),
        )
        .join('\n');
}

const typedHere = (setting: string): string => asTyped(setting).replaceAll(MOUNT_PLACE, 'P');

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
