import type { Severity } from '../../../src/model/finding.ts';
import type { MetricsRoute } from '../metrics-routes.ts';

export interface Alert {
  readonly name: string;
  readonly severity: Severity;
  readonly labels?: Readonly<Record<string, string>>;
  /** How long the expression must hold, as a Prometheus duration. */
  readonly holds: string;
  readonly expression: (route: MetricsRoute) => string;
  /** One line; a Go template over the labels. */
  readonly summary: (route: MetricsRoute) => string;
  /** One or two sentences: what the alert means, and for whom. A Go template over the labels. */
  readonly description: (route: MetricsRoute) => string;
  /** The anchor of its heading in docs/runbook.md; a Go template if it depends on a label. */
  readonly anchor: string;
}

type Texts = Omit<Alert, 'name' | 'severity' | 'holds' | 'anchor'> & Partial<Pick<Alert, 'anchor'>>;

/** An alert of severity `warning`; unless it says otherwise, its heading in the runbook is its name. */
export const warning = (name: string, holds: string, texts: Texts): Alert => ({
  name,
  severity: 'warning',
  holds,
  anchor: name.toLowerCase(),
  ...texts,
});

/**
 * The numbers in the alerts, as Prometheus durations or seconds. docs/runbook.md states each one
 * where an operator needs it; docs/decisions/alerts.md explains each choice.
 */
export const THRESHOLDS = {
  /** A value of this age still counts, because two scrapes a minute apart may be lost. */
  bridged: '3m',
  /** A finding stays this long after its agent went silent; then RollcallAgentSilent fires. */
  kept: '15m',
  /** An exporter adds another ten minutes. */
  keptByExporter: '5m',
  gardenUnavailable: '5m',
  couldNotTell: '10m',
  /** No pass for this long, plus silentHolds: more than the deploy of a cell takes. */
  silent: '10m',
  silentHolds: '5m',
  /**
   * A cell whose last pass is newer is not being stopped or recreated. While Garden hangs, a pass
   * takes the longest timeout (60 s), starts within the longest interval (60 s), and is seen at the
   * next scrape.
   */
  fresh: '4m',
  /** Longer than the restart of a sensor. */
  sensorBlind: '5m',
  slowPassSeconds: 5,
  slowPassMedian: '5m',
  slowPassHolds: '10m',
  mountsChanged: '1h',
  /** gdn throttles and releases a container every 15 s: throttling within limitsLostSeen counts. */
  limitsLostSeen: '5m',
  limitsLost: '15m',
  /** Longer than a deploy or monit takes to start rep again, besides the agent's own minute. */
  noRep: '5m',
  /**
   * Longer than rep takes to find, in its pass each minute, that a container has ended which Garden
   * lost: such a finding can end within a second.
   */
  untracked: '1m',
  /** The memory of a small app: rep may place another app there. */
  unaccountedBytes: 2 ** 30,
  unaccounted: '10m',
  /** An address counts once it was of no container for ten minutes. */
  leaked: '10m',
  /** A cell that reported within this time counts as present. */
  present: '20m',
  fewerCellsHolds: '10m',
  /** How long a cell is remembered, and for how long Prometheus may stop meanwhile. */
  remembered: '6h',
  stopped: '1h',
  /** How long the last value of a series counts (Prometheus's own --query.lookback-delta). */
  lookBack: '5m',
} as const;

const SECONDS_PER = { s: 1, m: 60, h: 3600 } as const;

/** @param duration a number with one unit, such as 5m */
export function secondsOf(duration: string): number {
  const [, count, unit] = /^(\d+)([smh])$/.exec(duration) ?? [];
  if (unit !== 's' && unit !== 'm' && unit !== 'h') throw new Error(`no duration: ${duration}`);
  return Number(count) * SECONDS_PER[unit];
}

/** `5m` is `5 minutes`; several durations are added. */
export function inWords(...durations: readonly string[]): string {
  const seconds = durations.map(secondsOf).reduce((sum, each) => sum + each, 0);
  const unit = seconds % SECONDS_PER.h === 0 ? 'h' : 'm';
  const count = seconds / SECONDS_PER[unit];
  return `${count} ${{ h: 'hour', m: 'minute' }[unit]}${count === 1 ? '' : 's'}`;
}

/** `6h` is `in the last 6 hours`, `1h` is `in the last hour`. */
export const inTheLast = (duration: string): string =>
  `in the last ${inWords(duration).replace(/^1 /, '')}`;

/* Phrases of Go templates. Prometheus treats a missing label as an empty text. */

const label = (name: string): string => `$labels.${name}`;

export const deployment = ({ labels }: MetricsRoute): string =>
  `{{ with ${label(labels.deployment)} }} of deployment {{ . }}{{ end }}{{ with ${label(labels.foundation)} }} (foundation {{ . }}){{ end }}`;

/** Names a cell as `bosh ssh` expects it, if the labels allow. */
export const cell = (route: MetricsRoute): string => `${instance(route)}${deployment(route)}`;

const instance = ({ labels }: MetricsRoute): string => {
  const group = `{{ with ${label(labels.group)} }}{{ . }}/{{ end }}`;
  const name =
    labels.cell === labels.index
      ? `${group}{{ ${label(labels.index)} }}`
      : `{{ if ${label(labels.index)} }}${group}{{ ${label(labels.index)} }}{{ else }}{{ ${label(labels.cell)} }}{{ end }}`;
  return `cell ${name}`;
};
