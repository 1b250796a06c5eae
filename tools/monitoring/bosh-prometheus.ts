import { alertFileOf } from './alerts/alert-files.ts';
import { dashboardFileOf } from './dashboards/dashboard-files.ts';
import { FIREHOSE } from './routes.ts';

const RELEASE = 'manifests/bosh-prometheus/release/jobs';

/** What each template of the release for bosh-prometheus is a copy of: a BOSH release takes files from its own folder only. */
const COPIES: ReadonlyMap<string, string> = new Map([
  [`${RELEASE}/rollcall_alerts/templates/rollcall.alerts.yml`, alertFileOf(FIREHOSE)],
  [`${RELEASE}/rollcall_dashboards/templates/rollcall.json`, dashboardFileOf(FIREHOSE)],
]);

/** The templates of manifests/bosh-prometheus/release, by path from the root of the project. */
export function boshPrometheusFiles(
  ...sources: readonly ReadonlyMap<string, string>[]
): ReadonlyMap<string, string> {
  const all = new Map(sources.flatMap((files) => [...files]));
  return new Map(
    [...COPIES].map(([copy, original]) => {
      const text = all.get(original);
      if (text === undefined) throw new Error(`${original} is not generated`);
      // BOSH renders templates with ERB.
      if (text.includes('<%')) throw new Error(`${original} holds <%`);
      return [copy, text];
    }),
  );
}
