import { ageOfLook, STALE_SECONDS } from './cell-verdict.ts';
import { ALL_WELL, NOTHING_KNOWN, thresholds, zeroIsWell } from './colors.ts';
import { stat } from './panels.ts';
import type { Band } from './section.ts';
import type { Selectors } from './selectors.ts';

/** What says at a glance that rollcall itself is ill. */
export function agentNumbers(selectors: Selectors): Band {
  const { alive, by, cells, each, on } = selectors;
  const reporting = cells('rollcall_build_info');
  return {
    height: 5,
    panels: [
      [
        5,
        stat(
          {
            title: 'Cells without an agent',
            description:
              'Cells that are there and report nothing of rollcall, as far as another series can tell. Cells that run no agent on purpose ' +
              '(Windows, an excluded isolation segment) are counted too.',
          },
          `sum((max ${by} (${alive}) * 0 + 1) unless ${on} ${reporting}) or 0 * sum(${alive})`,
          thresholds([0, ALL_WELL], [1, 'orange']),
        ),
      ],
      [
        5,
        stat(
          {
            title: 'Garden unavailable',
            description:
              "Cells whose Garden's list could not be read in the last pass, or that have not looked yet.",
          },
          `sum(1 - ${each('rollcall_garden_up', [])})`,
          zeroIsWell(NOTHING_KNOWN),
        ),
      ],
      [
        5,
        stat(
          {
            title: 'Oldest last pass',
            description: 'Of all cells that report. It grows without end where an agent hangs.',
          },
          `max(${ageOfLook(selectors)})`,
          thresholds([0, ALL_WELL], [STALE_SECONDS, NOTHING_KNOWN]),
        )
          .unit('s')
          .decimals(0),
      ],
      [
        4,
        stat(
          {
            title: 'Versions',
            description: 'More than one: a deploy is under way, or one was left half done.',
          },
          `count(count by (version) (${reporting}))`,
          thresholds([1, ALL_WELL], [2, 'orange']),
        ),
      ],
      [
        5,
        stat(
          {
            title: 'Findings without a row',
            description:
              'Untracked containers beyond the 20 of a cell that have a series of their own. They are counted everywhere else.',
          },
          `sum(${each('rollcall_untracked_omitted', [])})`,
          zeroIsWell('orange'),
        ),
      ],
    ],
  };
}
