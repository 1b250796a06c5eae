import type { Severity } from '../../../src/model/finding.ts';
import type { Route } from '../routes.ts';

/** One alert, for every route. */
export interface Alert {
  readonly name: string;
  readonly severity: Severity;
  /** A Prometheus duration: how long the expression must hold. */
  readonly holds: string;
  readonly expression: (route: Route) => string;
  /** One line; a Go template over the labels. */
  readonly summary: (route: Route) => string;
  /** A sentence or two: what it means, and for whom. A Go template over the labels. */
  readonly description: (route: Route) => string;
  /** The heading in docs/runbook.md, as it stands in a link; a Go template where it depends on a label. */
  readonly anchor: string;
}
