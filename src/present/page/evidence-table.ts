import type { ProcessFacts } from '../../model/process.ts';
import type { ContainerReport } from '../../model/report.ts';
import { foreign } from './foreign-text.ts';
import { html, type SafeHtml } from './html.ts';
import { scrollRegion } from './scroll-region.ts';
import { timeElement } from './times.ts';

const MAX_COMMAND = 200;

/** The evidence of a difference: which processes they are, before anyone has logged in. `id`: of the finding. */
export function evidenceTable({ processes, pids }: ContainerReport, id: string): SafeHtml | null {
  if (processes.length === 0) return null;
  const part = pids > processes.length ? ` (${processes.length} of ${pids})` : '';
  const ordinal = Number(id.slice(id.lastIndexOf('-') + 1)) + 1;
  // Roles that the elements have by themselves: in a narrow window a row becomes a card, and browsers forget what it was.
  const table = html`<table class="processes cards" role="table">
    <caption>
      Processes${part}
    </caption>
    <thead role="rowgroup">
      <tr role="row">
        <th role="columnheader" scope="col" class="number">Pid</th>
        <th role="columnheader" scope="col" class="number">Parent</th>
        <th role="columnheader" scope="col" class="number">User</th>
        <th role="columnheader" scope="col">Started</th>
        <th role="columnheader" scope="col">Command</th>
      </tr>
    </thead>
    <tbody role="rowgroup">
      ${processes.map(processRow)}
    </tbody>
  </table>`;
  return scrollRegion(`${id}-processes`, `Processes of finding ${ordinal}`, table);
}

function processRow(facts: ProcessFacts): SafeHtml {
  const { pid, parentPid, realUid, startedAt, command, comm } = facts;
  const shown = foreign(command === '' ? `[${comm}]` : command, MAX_COMMAND);
  return html`<tr role="row">
    <th role="rowheader" scope="row" class="number">${pid}</th>
    <td role="cell" class="number">${parentPid}</td>
    <td role="cell" class="number">${realUid}</td>
    <td role="cell">${timeElement(startedAt)}</td>
    <td role="cell"><code>${shown}</code></td>
  </tr>`;
}
