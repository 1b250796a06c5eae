import { existsSync } from 'node:fs';
import { isInPath } from '../../../src/demo-cell/cell/requirements.ts';

export const PROMETHEUS = 'prometheus';
export const ALERTMANAGER = 'prometheus-alertmanager';

/** Debian's build opens it at every start, whatever the configuration says, and ends if it is missing. */
const ALERTMANAGER_TEMPLATE = '/usr/share/prometheus/alertmanager/default.tmpl';

/** Why no Prometheus can be started here, in one line; null if one can. */
export const whyNoPrometheus = (): string | null =>
  isInPath(PROMETHEUS) ? null : `${PROMETHEUS} is not installed (Debian: prometheus)`;

/** Why no Alertmanager can be started here, in one line; null if one can. */
export function whyNoAlertmanager(): string | null {
  if (!isInPath(ALERTMANAGER)) {
    return `${ALERTMANAGER} is not installed (Debian: prometheus-alertmanager)`;
  }
  if (existsSync(ALERTMANAGER_TEMPLATE)) return null;
  return `${ALERTMANAGER} needs ${ALERTMANAGER_TEMPLATE}, which is missing`;
}
