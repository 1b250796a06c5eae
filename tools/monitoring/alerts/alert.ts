import type { Severity } from '../../../src/model/finding.ts';
import type { MetricsRoute } from '../metrics-routes.ts';

/** One alert, for every metrics route. */
export interface Alert {
  readonly name: string;
  readonly severity: Severity;
  /** Labels beside severity and service. */
  readonly labels?: Readonly<Record<string, string>>;
  /** How long the expression must hold, as a Prometheus duration. */
  readonly holds: string;
  readonly expression: (route: MetricsRoute) => string;
  /** One line; a Go template over the labels. */
  readonly summary: (route: MetricsRoute) => string;
  /** One or two sentences: what the alert means, and for whom. A Go template over the labels. */
  readonly description: (route: MetricsRoute) => string;
  /** The anchor of its heading in docs/runbook.md; a Go template where it depends on a label. */
  readonly anchor: string;
}

/**
 * The numbers behind the alerts, as Prometheus durations or seconds. docs/runbook.md names each one
 * where an operator meets it; docs/decisions/alerts.md says why it was chosen.
 */
export const THRESHOLDS = {
  /** A value of this age still counts: two scrapes a minute apart may be lost. */
  bridged: '3m',
  /** A finding stays this long after its agent fell silent; then RollcallAgentSilent fires. */
  kept: '15m',
  /** An exporter shows it for ten minutes more. */
  keptByExporter: '5m',
  gardenUnavailable: '5m',
  couldNotTell: '10m',
  /** No pass ended for so long, and silentHolds more: 15 minutes, longer than a deploy of a cell. */
  silent: '10m',
  silentHolds: '5m',
  /**
   * A cell whose last pass is newer is not being stopped or recreated. While Garden hangs, a pass
   * takes the longest timeout (60 s), follows within the longest interval (60 s), and is seen at the
   * next scrape.
   */
  fresh: '4m',
  /** Longer than a restart of a sensor. */
  sensorBlind: '5m',
  slowPassSeconds: 5,
  slowPassMedian: '5m',
  slowPassHolds: '10m',
  mountsChanged: '1h',
  /** gdn throttles and releases a container every 15 s; seen within limitsLostSeen counts. */
  limitsLostSeen: '5m',
  limitsLost: '15m',
  /** The memory of a small app: rep may place another one onto it. */
  heldBytes: 2 ** 30,
  held: '10m',
  /** A cell that was heard within this time counts as present. */
  present: '20m',
  fewerCellsHolds: '10m',
  /** How far back a cell is remembered. */
  remembered: '6h',
} as const;

/* Phrases of Go templates; Prometheus takes a missing label for an empty text. */

const label = (name: string): string => `$labels.${name}`;

export const deployment = ({ labels }: MetricsRoute): string =>
  `{{ with ${label(labels.deployment)} }} of deployment {{ . }}{{ end }}{{ with ${label(labels.foundation)} }} (foundation {{ . }}){{ end }}`;

/** Names a cell as `bosh ssh` expects it, where the labels suffice. */
export const cell = (route: MetricsRoute): string => `${instance(route)}${deployment(route)}`;

const instance = ({ labels }: MetricsRoute): string => {
  const group = `{{ with ${label(labels.group)} }}{{ . }}/{{ end }}`;
  const name =
    labels.cell === labels.index
      ? `${group}{{ ${label(labels.index)} }}`
      : `{{ if ${label(labels.index)} }}${group}{{ ${label(labels.index)} }}{{ else }}{{ ${label(labels.cell)} }}{{ end }}`;
  return `cell ${name}`;
};
