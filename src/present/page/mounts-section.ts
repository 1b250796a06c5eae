import { TYPED_ON_CELL } from '../../model/typed-as.ts';
import type { AgentEvent } from '../../model/agent-state.ts';
import { controllerNames, type CandidateVerdict, type MountChoice } from '../../model/hierarchy.ts';
import type { Report } from '../../model/report.ts';
import { controllerText, hierarchyText, VERDICT_WORDS } from '../names.ts';
import { secondsBetween } from '../quantities.ts';
import * as ui from './elements.ts';
import { html, type SafeHtml } from './html.ts';
import { oneLine } from '../../model/text.ts';

/** A table may contain as many named hierarchies as somebody mounted. */
const MAX_HIERARCHIES = 40;
/** A hierarchy can be mounted into every container; this many show what is wrong. */
const MAX_CANDIDATES = 12;

/** The section shows a change for a day; after that it is history. */
const CHANGED_SECONDS = 86_400;
const MAX_PROBLEMS = 12;

/** Which mount shows each hierarchy, and why. One line, unless something is missing or changed. */
export function mountsSection(
  { hierarchies, mode, primary }: Report['cgroups'],
  events: readonly AgentEvent[],
  takenAt: string,
): SafeHtml {
  const isPrimary = ({ hierarchy }: MountChoice): boolean =>
    primary !== null && controllerNames(hierarchy).includes(primary);
  // Missing ones first, then the primary one; the others in the order of the report.
  const rank = (choice: MountChoice): number =>
    choice.chosen === null ? 0 : isPrimary(choice) ? 1 : 2;
  const shown = hierarchies.toSorted((a, b) => rank(a) - rank(b)).slice(0, MAX_HIERARCHIES);
  const omitted = hierarchies.length - shown.length;
  const missing = hierarchies.filter(({ chosen }) => chosen === null).length;
  const problems = [...failedItems(hierarchies), ...changedItems(events, takenAt)];
  const line = html`<h2 id="mounts-title">Mounts</h2>
    <span class="lead"
      >${leadText(hierarchies.length, missing, mode)}${
        primary === null
          ? null
          : html` Containers are scanned for in
              <strong><bdi>${controllerText(primary)}</bdi></strong
              >.`
      }</span
    >`;
  const content = html`<ul class="problems">
      ${problems.slice(0, MAX_PROBLEMS)}
    </ul>
    ${ui.moreNote(problems.length - MAX_PROBLEMS, 'more.')}
    ${
      shown.length === 0
        ? null
        : ui.scrollRegion('mounts-table', 'Table of mounts', mountsTable(shown))
    }
    ${ui.moreNote(omitted, 'more hierarchies.')}`;
  // Two ids: a refresh keeps closed what somebody closed, unless there is news.
  const [id, open] = problems.length === 0 ? ['all', null] : ['problems', html` open`];
  return html`<section id="mounts" aria-labelledby="mounts-title">
    <details id="mounts-${id}" class="line" data-keep${open}>
      <summary id="mounts-line">${line}</summary>
      ${content}
    </details>
  </section>`;
}

const failedItems = (hierarchies: readonly MountChoice[]): readonly SafeHtml[] =>
  hierarchies.flatMap(({ hierarchy, chosen, confirmed }) => {
    const name = html`<code><bdi>${hierarchyText(hierarchy)}</bdi></code>`;
    if (chosen === null) {
      return [html`<li>${ui.signed('critical', 'No mount')} shows all of ${name}.</li>`];
    }
    return confirmed === false
      ? [html`<li>${ui.signed('warning', 'Not confirmed')}: the mount of ${name}.</li>`]
      : [];
  });

const changedItems = (events: readonly AgentEvent[], takenAt: string): readonly SafeHtml[] =>
  events
    .filter(({ message, at }) => {
      const seconds = secondsBetween(at, takenAt);
      return message === 'rollcall.mounts.changed' && seconds !== null && seconds < CHANGED_SECONDS;
    })
    .map(
      ({ at, data }) =>
        html`<li>
          ${ui.signed('info', 'Changed')} ${ui.agedTime(at, takenAt)}:
          ${ui.mountOf(data['hierarchy'])}, from ${ui.mountOf(data['from'])} to
          ${ui.mountOf(data['to'])}.
        </li>`,
    );

function leadText(count: number, missing: number, mode: Report['cgroups']['mode']): string {
  if (count === 0) return 'No mounted cgroup hierarchy is reachable.';
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

function hierarchyRows({ hierarchy, chosen, confirmed, why, candidates }: MountChoice): SafeHtml {
  const taken = confirmed === false ? 'not-confirmed' : 'chosen';
  const others = candidates.filter(({ mount }) => mount !== chosen);
  const omitted = others.length - MAX_CANDIDATES;
  const rows = [
    chosen === null
      ? mountRow('none', 'no mount', '–', why)
      : mountRow(taken, VERDICT_WORDS[taken], ui.pathText(chosen.mountPoint), why),
    ...others
      .slice(0, MAX_CANDIDATES)
      .map(({ mount, verdict, why: reason }) =>
        mountRow(verdict, VERDICT_WORDS[verdict], ui.pathText(mount.mountPoint), reason),
      ),
    ...(omitted <= 0
      ? []
      : [
          mountRow(
            'none',
            '',
            `… and ${omitted} more`,
            `${TYPED_ON_CELL} mounts --format json has all.`,
          ),
        ]),
  ];
  const name = html`<th scope="rowgroup" rowspan="${rows.length}">
    <code><bdi>${hierarchyText(hierarchy)}</bdi></code
    >${hierarchy.device === null ? null : html` <span class="quiet">device ${oneLine(hierarchy.device, 20)}</span>`}
  </th>`;
  return html`<tbody>
    ${rows.map(
      ({ look, cells }, index) =>
        html`<tr class="${look}">
          ${index === 0 ? name : null}${cells}
        </tr>`,
    )}
  </tbody> `;
}

const mountRow = (
  look: CandidateVerdict | 'none',
  words: string,
  path: string,
  why: string,
): { readonly look: string; readonly cells: SafeHtml } => ({
  look,
  cells: html`<td>${words}</td>
    <td>
      <code><bdi>${path}</bdi></code>
    </td>
    <td>${oneLine(why, ui.MAX_SENTENCE)}</td>`,
});
