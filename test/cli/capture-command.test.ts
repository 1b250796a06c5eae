import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { RECORDED } from '../../tools/demo-cell/scenes.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { capturedCell, capturedWithAgent, LOST, SEEN_BY_AGENT } from './captured-cell.ts';
import type { ExplainView } from '../../src/model/answers.ts';
import type { ReportView } from '../../src/model/report-view.ts';
import { expectRefused, typed } from './rollcall.ts';

function changed(change: (text: string) => string): string {
  const file = join(temporaryFolder(), 'changed.json.gz');
  const text = gunzipSync(readFileSync(capturedCell())).toString('utf8');
  writeFileSync(file, gzipSync(change(text)));
  return file;
}

describe('rollcall capture --verify', () => {
  it('says of an intact capture what it is, and that this proves no origin', async () => {
    const { code, stdout } = await typed(['capture', '--verify', capturedCell()]);
    expect(code).to.equal(0);
    expect(stdout).to.match(
      /^SHA-256 {2}[0-9a-f]{64}\ncell {5}\S+\nmade {5}2026-01-01T00:00:00Z by alice with rollcall 0\.0\.0\n/,
    );
    expect(stdout).to.match(/not who\s+made it/);
  });

  it('exits with 1 if the content is another one, and with 2 if it cannot be read', async () => {
    const file = changed((text) => text.replace('"alice"', '"mallory"'));
    const damaged = await typed(['capture', '--verify', file]);
    expect(damaged.code).to.equal(1);
    expect(damaged.stdout)
      .to.contain('DAMAGED or changed')
      .and.match(/\ncontent {2}[0-9a-f]{64}\n/);
    const json = await typed(['capture', '--verify', file, '--format', 'json']);
    expect(json.code).to.equal(1);
    expect(JSON.parse(json.stdout)).to.include({ intact: false, capturedBy: 'mallory' });
    const without = changed((text) => text.replace(/"sha256":"\w+",/, ''));
    expectRefused(await typed(['capture', '--verify', without]), 'begin with its SHA-256');
    const second = changed((text) => text.replace('"schemaVersion":3', '"schemaVersion":2'));
    expectRefused(
      await typed(['capture', '--verify', second]),
      'has the schemaVersion 2, this rollcall reads 3: use the rollcall that made it.',
    );
  });
});

describe('rollcall capture', () => {
  it('refuses a file that exists before it reads or waits for anything', async () => {
    const file = capturedCell();
    expectRefused(await typed(['capture', '--settle', '60s', file]), 'it exists; give another');
  });
});

describe("a capture with the agent's answers", () => {
  const checkOf = async (file: string): Promise<ReportView> => {
    const { stdout } = await typed(['check', '--json', '--capture', file]);
    return JSON.parse(stdout) as ReportView;
  };
  const lostIn = ({ containers }: ReportView) => containers.find(({ handle }) => handle === LOST);

  it('says whose a lost container was and since when, and that the agent says so', async () => {
    const lost = lostIn(await checkOf(capturedWithAgent()));
    expect(lost).to.deep.include({
      since: SEEN_BY_AGENT,
      sinceSource: 'agent',
      appSource: 'memory',
    });
    expect(lost?.app).to.include({
      name: 'billing',
      index: 0,
      spaceName: 'shop',
      organizationName: 'retail',
    });
  });

  it('decides as one without: the agent adds names and times, and changes nothing', async () => {
    const withoutWords = (report: ReportView) => ({
      ...report,
      containers: report.containers.map((one) =>
        one.handle === LOST
          ? { ...one, since: null, sinceSource: null, app: null, appSource: null }
          : { ...one, sinceSource: null },
      ),
    });
    const [file, without] = [capturedWithAgent(), capturedCell()];
    expect(withoutWords(await checkOf(file))).to.deep.equal(withoutWords(await checkOf(without)));
    const [replayed, alone] = await Promise.all([
      typed(['check', '--capture', file]),
      typed(['check', '--capture', without]),
    ]);
    expect(replayed.code).to.equal(alone.code);
  });

  it('begins, replayed, with the time of the report, and marks in the table what it adds', async () => {
    const { stdout } = await typed(['check', '--capture', capturedWithAgent()]);
    expect(stdout.replaceAll(/\s+/g, ' ')).to.match(
      / agent its report of \S+Z and \d+ events?: they add names and times, and decide nothing /,
    );
    expect(stdout).to.match(/billing\/0 .*retail \/ shop/);
    expect(stdout).to.match(/since 2025-12-31T23:59:00Z \([^)]+\), says the agent/);
  });

  it('shows in explain the events that the agent had logged, as its own', async () => {
    const file = capturedWithAgent();
    const { stdout } = await typed(['explain', '--all', '--capture', file, 'billing/0']);
    expect(stdout).to.contain('according to Garden in an earlier pass');
    expect(stdout).to.contain('Events, newest first, according to the agent in the capture:');
    expect(stdout).to.contain('rollcall.container.untracked');
    const json = await typed(['explain', '--json', '--capture', file, LOST]);
    const { agent, events } = JSON.parse(json.stdout) as ExplainView;
    expect(agent).to.include({ asked: false, silent: null });
    expect(agent.captured).to.match(/^20\d\d-/);
    expect(events).to.have.length(1);
  });

  it('is verified with them: another name in the report is a change', async () => {
    const file = capturedWithAgent();
    const intact = await typed(['capture', '--verify', file]);
    expect(intact.code).to.equal(0);
    expect(intact.stdout).to.match(/\nagent {4}its report of \S+Z and 1 event: /);
    const text = gunzipSync(readFileSync(file)).toString('utf8');
    const other = join(temporaryFolder(), 'other.json.gz');
    writeFileSync(other, gzipSync(text.replace('"billing"', '"payroll"')));
    expect((await typed(['capture', '--verify', other])).code).to.equal(1);
  });

  it('says with --verify if it has none', async () => {
    const { stdout } = await typed(['capture', '--verify', capturedCell()]);
    expect(stdout).to.match(/\nagent {4}no answer of it: names and times/);
  });

  it('lets no name in the report of a false agent control the terminal', async () => {
    const file = capturedWithAgent('\u001b]0;owned\u0007');
    for (const command of [['check'], ['explain', LOST], ['check', '--json']]) {
      const { stdout } = await typed([...command, '--capture', file]);
      expect(stdout)
        .to.contain('owned')
        .and.not.match(/[\u001b\u0007]/);
    }
  });
});

describe('a replayed capture', () => {
  it('has the mounts of its cell', async () => {
    const { code, stdout } = await typed(['mounts', '--capture', RECORDED.healthy]);
    expect(code).to.equal(0);
    expect(stdout)
      .to.match(/^A capture, made /)
      .and.contain('One hierarchy: v2, mounted at /sys/fs/cgroup');
    const json = await typed(['mounts', '-o', 'json', '--capture', RECORDED.healthy]);
    const alike = await typed(['mounts', '--json', '--capture', RECORDED.healthy]);
    expect(JSON.parse(json.stdout)).to.include({ mode: 'v2', source: '/proc/1/mountinfo' });
    expect(alike).to.deep.equal(json);
  });

  it('begins with which cell, when and by whom, and JSON has only the answer', async () => {
    const file = capturedCell();
    const { stdout } = await typed(['check', '--capture', file]);
    expect(stdout).to.match(
      /^A capture, made \d+ days before this replay:\nSHA-256 .*\ncell .*\nmade {5}2026-01-01T00:00:00Z /,
    );
    const json = await typed(['check', '--format', 'json', '--capture', file]);
    expect(json.stdout).to.match(/^\{/);
  });
});
