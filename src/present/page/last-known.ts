import type { Report } from '../../model/report.ts';
import { html, type SafeHtml } from './html.ts';

/** Whether the containers of a report are what was known before, because this pass compared nothing. */
const isLastKnown = ({ unknownCause }: Report): boolean =>
  unknownCause !== null && unknownCause.kind !== 'undecided';

/** Beside the heading of what is not of now. */
export const lastKnownMark = (report: Report): SafeHtml | null =>
  isLastKnown(report) ? html` <span class="quiet">as last known</span>` : null;
