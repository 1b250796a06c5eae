import * as ui from './elements.ts';
import { html, type SafeHtml } from './html.ts';
import type { AgentEvent, AgentState } from '../../model/agent-state.ts';
import { MAX_HANDLE } from '../names.ts';

const MAX_EVENTS = 50;

/**
 * What changed, newest first: the same events as in the log, with the same names. `takenAt` is the
 * time of the last pass, null before the first.
 */
export function eventsSection(
  { events, runbookUrl }: Pick<AgentState, 'events' | 'runbookUrl'>,
  takenAt: string | null,
): SafeHtml {
  return ui.section('events', 'Recent events', [
    events.length === 0
      ? html`<p class="more">None since the agent started.</p>`
      : ui.scrollRegion(
          'events-list',
          'List of recent events',
          html`<ol class="events" role="list">
            ${events.slice(0, MAX_EVENTS).map((event) => eventItem(event, takenAt ?? '', runbookUrl))}
          </ol>`,
        ),
    ui.moreNote(
      events.length - MAX_EVENTS,
      html`older ones: the status socket has them at <code>/v1/events</code>.`,
    ),
  ]);
}

function eventItem(event: AgentEvent, takenAt: string, runbookUrl: string | null): SafeHtml {
  const { at, message, handle, reason, sentence, data } = event;
  const isDrill = data['drill'] === true;
  const app = data['app_name'];
  const subject = typeof app === 'string' && app !== '' ? app : null;
  return html`<li>
    ${ui.icon(isDrill ? 'drill' : signOfEvent(event))}
    <div>
      <p class="when">
        ${ui.agedTime(at, takenAt)}
        <code>${message.replace(/^rollcall\./, '')}</code
        >${isDrill ? html` <strong class="drill-word">DRILL</strong>` : null}${reason === undefined ? null : html` ${ui.reasonTag(reason, runbookUrl)}`}${severityWord(event)}
      </p>
      <p>
        ${subject === null ? null : html`<strong>${ui.foreign(subject, ui.MAX_NAME)}</strong>: `}${ui.sentenceText(sentence)}
      </p>
      ${mountMove(event)}
      ${handle === undefined ? null : html`<p class="quiet"><code>${ui.foreign(handle, MAX_HANDLE)}</code></p>`}
    </div>
  </li>`;
}

/** The word "warning" appears, so that nobody has to distinguish colours. */
const severityWord = ({ data, message }: AgentEvent): SafeHtml | null =>
  data['severity'] === 'warning' || message === 'rollcall.cell.warning'
    ? html` <span class="sign warning">warning</span>`
    : null;

function signOfEvent({ message, level, data }: AgentEvent): ui.Sign {
  if (message === 'rollcall.container.untracked' || message === 'rollcall.container.changed')
    return data['severity'] === 'warning' ? 'warning' : 'critical';
  if (level === 'error') return 'warning';
  const isBetter = message.endsWith('.recovered') || message.endsWith('.available');
  return isBetter ? 'ok' : 'info';
}

/** From which mount to which: the event's sentence says only why. */
function mountMove({ message, data }: AgentEvent): SafeHtml | null {
  if (message !== 'rollcall.mounts.changed') return null;
  return html`<p class="quiet">${ui.mountOf(data['from'])} → ${ui.mountOf(data['to'])}</p>`;
}
