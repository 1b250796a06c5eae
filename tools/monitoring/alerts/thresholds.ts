/**
 * The numbers behind the alerts, as Prometheus durations or seconds. docs/runbook.md names each one where an operator meets it, and
 * docs/decisions/alerts.md says how they were chosen.
 */
export const THRESHOLDS = {
  /** A value this old still counts: two scrapes of a minute may be lost. */
  bridged: '3m',
  /** A finding stays for this long after its agent fell silent; then RollcallAgentSilent speaks. */
  findingKept: '15m',
  gardenUnavailable: '5m',
  couldNotTell: '10m',
  /** For so long no pass has ended, and how long that must hold: together 15 minutes, more than a cell is away in a deploy. */
  silentSeconds: 600,
  silentHolds: '5m',
  /** The same for cells with an interval of 100 seconds or more: three times the longest interval that can be configured. */
  silentSecondsSlow: 10_800,
  /**
   * A cell that has looked within this time is not being stopped or recreated. While Garden hangs a pass comes after the longest
   * timeout (60 s) and an interval below 100 s, and is seen with the next scrape.
   */
  freshSeconds: 240,
  freshSecondsSlow: 4000,
  slowLookSeconds: 5,
  slowLookAverage: '10m',
  slowLookHolds: '5m',
  mountsChanged: '1h',
  /** A cell counts as present when it was heard within this time. */
  present: '20m',
  fewerCellsHolds: '10m',
  /** How far back a cell is remembered. */
  remembered: '6h',
} as const;

/** Selects the agents that pass only every 100 seconds or more; the interval may have a fraction. */
export const SLOW_AGENT = 'interval_seconds=~"[0-9]{3,}([.][0-9]+)?"';
