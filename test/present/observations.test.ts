import { expect } from 'chai';
import { asHandle } from '../../src/model/ids.ts';
import type { SensorObservation } from '../../src/model/observation.ts';
import { parseReportJson } from '../../src/parse/agent-answers.ts';
import { eventOf } from '../../src/present/events.ts';
import { logLine } from '../../src/present/log-line.ts';
import { metricsText } from '../../src/present/metrics.ts';
import { pageHtml } from '../../src/present/page/page.ts';
import { reportJson } from '../../src/present/report-json.ts';
import { container, observation, report, state } from './agent-state-builder.ts';

const shown = (...observations: readonly SensorObservation[]) =>
  report([container(0)], { observations });

describe('an observation', () => {
  it('comes back from the JSON of the agent, even for a sensor that was not found', () => {
    const view = reportJson(shown(observation()));
    expect(view.sensors).to.have.length(1);
    expect(view.sensors[0]).to.deep.include({ name: 'tracee', pid: null, startedAt: null });
    expect(view.sensors[0]?.observation?.unseen).to.deep.equal(['a', 'b']);
    expect(parseReportJson(JSON.stringify(view))).to.deep.equal({ ok: true, value: view });
  });

  it('has five series per sensor, and none if no sensor is configured', () => {
    const text = metricsText(state({ report: shown(observation()) }));
    expect(text.match(/^rollcall_sensor_.*$/gm)).to.deep.equal([
      'rollcall_sensor_up{sensor="tracee"} 1',
      'rollcall_sensor_silent{sensor="tracee"} 0',
      'rollcall_sensor_containers{sensor="tracee",state="seen"} 58',
      'rollcall_sensor_containers{sensor="tracee",state="unseen"} 2',
      'rollcall_sensor_containers{sensor="tracee",state="expected_unseen"} 3',
    ]);
    expect(metricsText(state({ report: shown() }))).not.to.contain('rollcall_sensor');
  });

  it('of a sensor that runs and is silent is up, and silent', () => {
    const silent = observation({ state: 'stale', isSilent: true, unseen: [] });
    expect(
      metricsText(state({ report: shown(silent) })).match(/^rollcall_sensor_(?:up|silent).*$/gm),
    ).to.deep.equal([
      'rollcall_sensor_up{sensor="tracee"} 1',
      'rollcall_sensor_silent{sensor="tracee"} 1',
    ]);
  });

  it('is a line of the log of at most 900 bytes, whatever the number of handles', () => {
    const handles = Array.from({ length: 250 }, (_, at) => asHandle(`handle-number-${at}`));
    const one = observation({ unseen: handles, why: 'x'.repeat(5000) });
    const at = '2026-01-01T00:00:00.000Z';
    const line = logLine(eventOf({ kind: 'sensor-unseen', observation: one, handles }, at), null);
    expect(Buffer.byteLength(line)).to.be.at.most(900);
    expect(JSON.parse(line)).to.deep.nested.include({
      message: 'rollcall.sensor.unseen',
      'data.count': 250,
    });
    for (const kind of ['sensor-silent', 'sensor-available'] as const) {
      const event = eventOf({ kind, observation: one }, at);
      expect(event.message).to.equal(`rollcall.${kind.replace('-', '.')}`);
    }
  });

  it('is on the page, escaped', () => {
    const page = (one: SensorObservation): string =>
      pageHtml(state({ report: shown(one) }), { refresh: false, now: '2026-01-01T00:00:00.000Z' });
    expect(page(observation())).to.contain('BLIND to 2 of 6');
    expect(page(observation({ unseen: [] }))).to.contain('seen 58 of 6');
    const silent = { state: 'stale', isSilent: true, unseen: [] } as const;
    expect(page(observation({ ...silent, why: '<script>' }))).to.contain('SILENT, ');
    expect(page(observation({ why: '<script>alert(1)</script>' }))).not.to.contain('<script>alert');
  });
});
