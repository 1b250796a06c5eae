import type { SensorsIfView } from '../model/answers.ts';
import { SENSOR_ROWS } from '../model/sensor.ts';
import { oneLine } from '../model/text.ts';
import { note, sentence, table, type Blocks } from './document/blocks.ts';
import { appText, GENERATIONS, listText } from './names.ts';
import { plural } from './quantities.ts';
import type { Instances } from './sensor-diagnosis.ts';

/* What each sensor would gain, lose and misname if the cell had another mode. */

const MODES = {
  v2: { name: 'cgroup v2', already: 'This cell already has cgroup v2: nothing would change.' },
  throttled: {
    name: "Garden's CPU throttling",
    already: "This cell already has Garden's CPU throttling: nothing would change.",
  },
} as const;

const MAX_NAME = 60;
/** More are only in the JSON, and with --missed. */
const MAX_NAMES = 8;

export function sensorsIfDocument(
  view: SensorsIfView,
  { all, isWhole }: Instances,
): readonly Blocks[] {
  const { containers, cgroupMode, if: mode, alreadySo, changes } = view;
  const head = sentence(`${plural(containers, 'container')} here, ${GENERATIONS[cgroupMode]}.`);
  if (alreadySo) return [[head, sentence(MODES[mode].already)]];
  const byHandle = new Map(all.map((one) => [one.handle, one]));
  const names = (handles: readonly string[]): string => {
    const shown = (isWhole ? handles : handles.slice(0, MAX_NAMES)).map((handle) => {
      const instance = byHandle.get(handle);
      return (instance && appText(instance)) ?? oneLine(handle, MAX_NAME);
    });
    const more = handles.length - shown.length;
    return listText(more === 0 ? shown : [...shown, `${more} more`]);
  };
  const change = (now: number | null, then: number | null): string =>
    `${now ?? '?'} → ${then ?? '?'}`;
  return [
    [
      head,
      sentence(
        `With ${MODES[mode].name}, by the published rules, if each sensor started (now → then):`,
      ),
    ],
    [
      table(
        changes,
        [
          { title: 'Sensor', least: 16, cell: ({ name }) => SENSOR_ROWS[name].title },
          {
            title: 'Versions',
            least: 17,
            cell: ({ versions, runtime }) =>
              [versions || 'all', runtime === null ? '' : `, ${runtime}`].join(''),
          },
          { title: 'Sees', cell: ({ seenNow, seenThen }) => change(seenNow, seenThen) },
          { title: 'Gains', align: 'right', cell: ({ gains }) => `${gains.length}` },
          { title: 'Loses', align: 'right', cell: ({ loses }) => `${loses.length}` },
          {
            title: 'Misnamed',
            cell: ({ misnamedNow, misnamedThen }) => change(misnamedNow, misnamedThen),
          },
        ],
        {
          id: 'if-table',
          caption: 'What sensors would gain and lose',
          below: ({ gains, loses, renames, whyNow, why }) => [
            gains.length > 0 && note(`gains ${names(gains)}`),
            loses.length > 0 && note(`loses ${names(loses)}: ${why}`),
            renames.length > 0 && note(`now: ${whyNow}`),
            // After those that it loses, this has been said.
            renames.length > 0 && loses.length === 0 && note(`then: ${why}`),
          ],
        },
      ),
    ],
    [mode === 'v2' && note(THROTTLING_STAYS), note(ASSUMED)],
  ];
}

const THROTTLING_STAYS = "Garden's CPU throttling stays as it is on this cell.";
const ASSUMED =
  'Paths are as Garden makes them, with all controllers and, on cgroup v2, one mount of the whole hierarchy. An app that Garden throttles moves to bad.';
