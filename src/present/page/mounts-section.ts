import {
  controllerNames,
  type Candidate,
  type MountChoice,
  type CandidateVerdict,
} from '../../model/hierarchy.ts';
import type { Report } from '../../model/report.ts';
import { oneLine } from '../../model/text.ts';
import { controllerText, hierarchyText } from '../hierarchy-name.ts';
import { VERDICT_WORDS } from '../verdict-words.ts';
import { MAX_SENTENCE, pathText } from './foreign-text.ts';
import { html, type SafeHtml } from './html.ts';
import { mountsPicture } from './mounts-picture.ts';
import { scrollRegion } from './scroll-region.ts';

/** A table can hold as many named hierarchies as somebody mounted. */
const MAX_HIERARCHIES = 40;
/** A hierarchy can be mounted into every container; this many tell what is the matter. */
const MAX_CANDIDATES = 12;

/** Which mount shows each hierarchy and why: as a picture, and the same as a table. */
export function mountsSection({ hierarchies, mode, primary }: Report['cgroups']): SafeHtml {
  const isPrimary = ({ hierarchy }: MountChoice): boolean =>
    primary !== null && controllerNames(hierarchy).includes(primary);
  // What is missing first, then what everything rests on; the others as the report has them.
  const rank = (choice: MountChoice): number =>
    choice.chosen === null ? 0 : isPrimary(choice) ? 1 : 2;
  const shown = hierarchies.toSorted((a, b) => rank(a) - rank(b)).slice(0, MAX_HIERARCHIES);
  const omitted = hierarchies.length - shown.length;
  const missing = hierarchies.filter(({ chosen }) => chosen === null).length;
  return html`<section id="mounts" aria-labelledby="mounts-title">
    <h2 id="mounts-title">Mounts</h2>
    <p class="lead">
      ${leadText(hierarchies.length, missing, mode)}${
        primary === null
          ? null
          : html` Containers are looked for in <strong><bdi>${controllerText(primary)}</bdi></strong
              >.`
      }
    </p>
    ${
      shown.length === 0
        ? null
        : html`${mountsPicture(shown, isPrimary, 'wide')}
            ${mountsPicture(shown, isPrimary, 'narrow')}
            ${omitted > 0 ? html`<p class="more">… and ${omitted} more hierarchies.</p>` : null}
            <details id="mounts-details" data-keep>
              <summary id="mounts-summary">The same as a table, with every reason in full</summary>
              ${scrollRegion('mounts-table', 'Table of mounts', mountsTable(shown))}
            </details>`
    }
  </section>`;
}

function leadText(count: number, missing: number, mode: Report['cgroups']['mode']): string {
  if (count === 0) return 'No cgroup hierarchy is mounted where it can be reached.';
  const hierarchies = count === 1 ? 'One hierarchy' : `${count} hierarchies`;
  const generation = mode === 'hybrid' ? 'cgroup v1 and v2' : `cgroup ${mode}`;
  if (missing === 0)
    return `${hierarchies}, ${generation}: ${count === 1 ? 'it has' : 'each has'} a mount that shows all of it.`;
  return `${hierarchies}, ${generation}: ${missing} without a mount that shows all of it.`;
}

const mountsTable = (choices: readonly MountChoice[]): SafeHtml =>
  html`<table class="mounts">
    <caption class="heard">
      Every hierarchy, the mount that shows it, and the others
    </caption>
    <thead>
      <tr>
        <th scope="col">Hierarchy</th>
        <th scope="col">Verdict</th>
        <th scope="col">Mount</th>
        <th scope="col">Why</th>
      </tr>
    </thead>
    ${choices.map(hierarchyRows)}
  </table>`;

interface RowText {
  readonly verdict: CandidateVerdict | 'none';
  readonly words: string;
  readonly mount: string;
  readonly why: string;
}

function hierarchyRows(choice: MountChoice): SafeHtml {
  const others = choice.candidates.filter(({ mount }) => mount !== choice.chosen);
  const omitted = others.length - MAX_CANDIDATES;
  const rows = [chosenRow(choice), ...others.slice(0, MAX_CANDIDATES).map(candidateRow)];
  if (omitted > 0) {
    rows.push({
      verdict: 'none',
      words: '',
      mount: `… and ${omitted} more`,
      why: 'rollcall mounts --format json has all.',
    });
  }
  return html`<tbody>
    ${rows.map(
      ({ verdict, words, mount, why }, index) =>
        html`<tr class="${verdict}">
          ${
            index > 0
              ? null
              : html`<th scope="rowgroup" rowspan="${rows.length}">
                  <code><bdi>${hierarchyText(choice.hierarchy)}</bdi></code
                  >${choice.hierarchy.device === null ? null : html` <span class="quiet">device ${oneLine(choice.hierarchy.device, 20)}</span>`}
                </th>`
          }
          <td>${words}</td>
          <td>
            <code><bdi>${mount}</bdi></code>
          </td>
          <td>${why}</td>
        </tr>`,
    )}
  </tbody> `;
}

const chosenRow = ({ chosen, confirmed, why }: MountChoice): RowText => ({
  verdict: chosen === null ? 'none' : confirmed === false ? 'not-confirmed' : 'chosen',
  words:
    chosen === null ? 'no mount' : VERDICT_WORDS[confirmed === false ? 'not-confirmed' : 'chosen'],
  mount: chosen === null ? '–' : pathText(chosen.mountPoint),
  why: oneLine(why, MAX_SENTENCE),
});

const candidateRow = ({ mount, verdict, why }: Candidate): RowText => ({
  verdict,
  words: VERDICT_WORDS[verdict],
  mount: pathText(mount.mountPoint),
  why: oneLine(why, MAX_SENTENCE),
});
