import { expect } from 'chai';
import { asByteString } from '../../src/model/ids.ts';
import type { EscapedProcess } from '../../src/model/finding.ts';
import type { ContainerReport } from '../../src/model/report.ts';
import { containerSentence } from '../../src/present/sentence.ts';
import { advised } from './advised.ts';
import { container } from './agent-state-builder.ts';

const escaped = (...processes: readonly Partial<EscapedProcess>[]): ContainerReport => ({
  ...container(0),
  status: 'untracked',
  reason: 'escaped',
  severity: processes.every(({ enteredBy }) => typeof enteredBy === 'string')
    ? 'warning'
    : 'critical',
  explanation: {
    kind: 'escaped',
    processes: processes.map((one) => ({
      pid: 7,
      cgroup: asByteString('/cron.service'),
      kept: [],
      byGlance: false,
      enteredBy: null,
      ...one,
    })),
  },
});

describe('the sentence about a container that processes have left', () => {
  it('names the processes and where they run', () => {
    expect(containerSentence(escaped({}))).to.equal(
      'Process 7 has the root filesystem of this container, ' +
        'but runs outside its cgroup, in /cron.service. ' +
        "The container's limits do not apply to the process, " +
        "and whatever watches the container's cgroup does not see the process.",
    );
    const several = escaped({}, { pid: 8 }, { pid: 9, cgroup: asByteString('/') });
    expect(containerSentence(several)).to.equal(
      'Processes 7, 8 and 9 have the root filesystem of this container, ' +
        'but run outside its cgroup, in /cron.service and /. ' +
        "The container's limits do not apply to these processes, " +
        "and whatever watches the container's cgroup does not see these processes.",
    );
  });

  it('says that they were outside between two passes, if none was in the last one', () => {
    expect(containerSentence(escaped({ byGlance: true }))).to.match(
      /^Process 7 has the root filesystem of this container, but ran outside its cgroup between two passes, in \/cron.service\. /,
    );
    expect(containerSentence(escaped({ byGlance: true }, { pid: 8 }))).to.match(
      /^Processes 7 and 8 have the root filesystem of this container, but run outside its cgroup, in /,
    );
  });

  it('is followed by the cgroup where they are, and by who else is there', () => {
    const lookAt = (cgroup: string) => advised(escaped({ cgroup: asByteString(cgroup) })).steps;
    const [look, others] = lookAt('/system.slice/cron.service');
    expect(look?.action).to.equal(
      'Look at the process, which is now in /system.slice/cron.service, and who started it.',
    );
    expect(others?.command).to.equal(
      "grep -ls ':/system.slice/cron.service$' /proc/[0-9]*/cgroup | cut -d/ -f3 | " +
        'xargs ps -ww -o pid,ppid,user,lstart,args -p',
    );
    for (const hostile of ["/a'; reboot; '", '/a b', '/'])
      expect(lookAt(hostile)[1]?.command).to.match(/^grep -lsFxf \/proc\/7\/cgroup /);
  });

  it('names the command with which somebody entered, if all processes have one', () => {
    const entered = escaped({ enteredBy: 'nsenter -a' }, { pid: 8, enteredBy: 'nsenter -m -p' });
    expect(containerSentence(entered)).to.equal(
      'Processes 7 and 8 have the root filesystem of this container, ' +
        'but run outside its cgroup, in /cron.service: ' +
        'somebody entered the container from outside with nsenter -a.',
    );
    expect(advised(entered).steps[0]).to.deep.include({
      action: 'Ask whoever ran the command.',
      command: 'ps -ww -o pid,ppid,user,lstart,args -p 7,8',
    });
    const both = escaped({ enteredBy: 'nsenter -a' }, { pid: 8 });
    expect(containerSentence(both)).not.to.contain('nsenter');
    expect(advised(both).steps[0]?.action).to.match(/^Look at the process/);
  });

  it('names the hierarchies without a controller that still show them in its cgroup', () => {
    expect(containerSentence(escaped({ kept: ['name=systemd', 'v2'] }))).to.equal(
      'Process 7 has the root filesystem of this container, ' +
        'but runs outside its cgroup, in /cron.service. ' +
        "The container's limits do not apply to the process, " +
        "and whatever watches the container's cgroup does not see the process. " +
        'Only the name=systemd and v2 hierarchies, which have no controller, ' +
        "still show the process in the container's cgroup.",
    );
  });

  it('names the hierarchies that a process has left, if it has not left all', () => {
    const left = (...pids: readonly number[]): string =>
      containerSentence({
        ...container(0),
        status: 'untracked',
        reason: 'partial',
        severity: 'warning',
        explanation: { kind: 'partial', missing: ['cpu', 'pids'], pids },
      });
    expect(left(7)).to.equal(
      'Process 7 of this container has left its cgroups in the cpu and pids hierarchies. ' +
        "The container's limits there do not apply to the process, " +
        'and whatever watches containers there does not see the process.',
    );
    expect(left(7, 8)).to.match(
      /^Processes 7 and 8 of this container have left .* does not see these processes\.$/,
    );
  });

  it('shows the names of cgroups and commands escaped and bounded', () => {
    const cgroup = asByteString(`/\n\u001b[2J${'x'.repeat(4000)}`);
    expect(containerSentence(escaped({ cgroup }))).to.match(/^[^\p{Cc}]{1,450}$/u);
    const enteredBy = `\u001b[2J\n${'x'.repeat(4000)}`;
    expect(containerSentence(escaped({ cgroup, enteredBy }))).to.match(/^[^\p{Cc}]{1,650}$/u);
  });
});
